// The one way to start a browser. A job says where: {unpacked: a folder for the browser of the package, chromium: the path of another one, or null}.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium as driver } from "playwright-core";

/** The package unpacks into the temporary folder, whatever version lies there: so it gets a folder of its own. */
async function packed(job) {
  mkdirSync(job.unpacked, { recursive: true });
  process.env.TMPDIR = job.unpacked;
  // Taken for AWS Lambda, a bare machine gets the libraries and the font that it lacks as well.
  process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x";
  process.env.FONTCONFIG_PATH = join(job.unpacked, "fonts");
  const { default: chromium } = await import("@sparticuz/chromium");
  return chromium.executablePath();
}

/** A Chromium without a window. */
export async function launched(job) {
  return driver.launch({
    executablePath: job.chromium ?? (await packed(job)),
    args: ["--no-sandbox", "--headless=shell", "--font-render-hinting=none", "--disable-gpu"],
  });
}
