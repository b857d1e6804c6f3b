// Opens pages in a real Chromium and says what a person would meet: `node look.mjs JOB.json` prints one JSON. Nothing
// here judges; test_report.py does. A job: {pages: {name: {file, looks: [[width in pixels, the colours that are asked
// for, or print]]}}, searches: [[id, words]], shots: a folder for pictures, unpacked: a folder for the browser of the package, chromium: the path of another one, or null}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launched } from "./browser.mjs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const browser = await launched(job);

async function opened(file, options) {
  const context = await browser.newContext({ ...options, offline: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  const met = { errors: [], requests: [] };
  page.on("console", (message) => message.type() === "error" && met.errors.push(message.text()));
  page.on("pageerror", (error) => met.errors.push(String(error)));
  page.on("dialog", (dialog) => (met.errors.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => met.requests.push(request.url()));
  const start = performance.now();
  await page.goto(pathToFileURL(file).href);
  met.milliseconds = Math.round(performance.now() - start);
  met.requests.shift(); // the page itself
  return { context, page, met };
}

const PICTURED = 6000; // pixels from the top; a longer picture takes minutes

async function look(name, file, width, scheme) {
  const print = scheme === "print";
  const { context, page, met } = await opened(file, {
    viewport: { width, height: 900 }, colorScheme: print ? "light" : scheme,
  });
  if (print) await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(() => ({
    across: document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth,
    folded: Array.from(document.querySelectorAll("details")).filter((each) => {
      const inside = each.querySelector(":scope > :not(summary)");
      return inside && !inside.checkVisibility();
    }).length,
    controls: Array.from(document.querySelectorAll("nav, form")).filter((each) => each.checkVisibility()).length,
    picture: Array.from(new Set(Array.from(document.querySelectorAll("figure > svg"))
      .filter((each) => each.checkVisibility()).map((each) => each.classList[0]))).join(" "),
    small: Array.from(document.querySelectorAll("nav a, summary, input")).filter((each) => {
      const { height, width } = each.getBoundingClientRect();
      return height > 0 && (height < 44 || width < 44);
    }).length,
  }));
  const height = Math.min(PICTURED, await page.evaluate(() => document.scrollingElement.scrollHeight));
  const path = join(job.shots, `${name}-${width}-${scheme}.png`);
  await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height } });
  const judged = print ? { passed: 0, violations: [] } : await accessibility(context, page);
  await context.close();
  return { name, width, scheme, ...met, ...seen, ...judged };
}

/** What axe says. The driver puts it in, past the policy of the page, which lets in no other script. */
async function accessibility(context, page) {
  const session = await context.newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { passes, violations } = await page.evaluate(() => globalThis.axe.run(document));
  const where = ({ nodes }) => nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ");
  return { passed: passes.length, violations: violations.map((each) => `${each.id}: ${where(each)}`) };
}

/** The keyboard, the search and the headings. */
async function used(file) {
  const { context, page, met } = await opened(file, { viewport: { width: 1280, height: 900 } });
  const order = [];
  for (let step = 0; step < 26; step++) {
    await page.keyboard.press("Tab");
    order.push(await page.evaluate(() => {
      const at = document.activeElement;
      const style = getComputedStyle(at);
      const top = Math.round(at.getBoundingClientRect().top + scrollY);
      return { text: at.textContent.trim().slice(0, 40) || at.id, visible: style.outlineStyle !== "none", top };
    }));
  }
  const search = async (id, words) => {
    await page.fill(`#${id}-find`, words);
    return page.evaluate((list) => ({
      said: document.querySelector(`form[data-rows=${list}] [role=status]`).textContent,
      shown: Array.from(document.querySelectorAll(`#${list} tbody tr`)).filter((row) => row.checkVisibility()).length,
    }), id);
  };
  const found = {};
  for (const [id, words] of job.searches ?? []) found[words] = await search(id, words);
  const outline = await page.evaluate(() => Array.from(document.querySelectorAll("h1, h2, h3"), (each) => Number(each.tagName[1])));
  await context.close();
  return { order, found, outline, ...met };
}

/** The elements and attributes of the page as the browser parsed it, texts left out. */
async function skeleton(file) {
  const { context, page, met } = await opened(file, { viewport: { width: 1280, height: 900 } });
  const nodes = await page.evaluate(() => Array.from(document.querySelectorAll("*"), (each) =>
    `${each.tagName} ${Array.from(each.attributes, (it) => `${it.name}=${it.value}`).join(" ")}`));
  await context.close();
  return { nodes, ...met };
}

const answer = { looks: [], used: {}, skeletons: {} };
for (const [name, { file, looks }] of Object.entries(job.pages)) {
  for (const [width, scheme] of looks) answer.looks.push(await look(name, file, width, scheme));
  if (looks.length > 0) answer.used[name] = await used(file);
  answer.skeletons[name] = await skeleton(file);
}
await browser.close();
console.log(JSON.stringify(answer));
