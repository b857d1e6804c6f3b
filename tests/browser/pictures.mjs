// Takes a picture of each page, and says what does not fit: `node pictures.mjs JOB.json` prints one JSON. Nothing here
// judges; test_dashboards.py does. A job: {pages: {name: file}, shots: a folder for pictures, and what browser.mjs takes}.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launched } from "./browser.mjs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const browser = await launched(job);
const answer = {};
for (const [name, file] of Object.entries(job.pages)) {
  const context = await browser.newContext({ offline: true, viewport: { width: 1456, height: 900 } });
  const page = await context.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  const seen = await page.evaluate(() => ({
    height: document.scrollingElement.scrollHeight,
    empty: Array.from(document.querySelectorAll("article"))
      .filter((each) => each.textContent.includes("No data available") || each.textContent.includes("--"))
      .map((each) => each.textContent.slice(0, 60)),
    nodes: Array.from(document.querySelectorAll("*"), (each) => each.tagName),
    cut: Array.from(document.querySelectorAll("h4"))
      .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent),
    spilt: Array.from(document.querySelectorAll("article"))
      .filter((each) => each.scrollHeight > each.clientHeight + 1).map((each) => each.textContent.slice(0, 60)),
  }));
  await page.screenshot({ path: join(job.shots, `${name}.png`), fullPage: true });
  await context.close();
  answer[name] = { ...seen, requests: requests.slice(1) };
}
await browser.close();
console.log(JSON.stringify(answer));
