// Signs in as a person does: node sign-in.mjs URL NAME RETURN_TO, where NAME is what the
// issuer's page calls the person. It prints one JSON object with what it saw.
import { open } from './browser.mjs';

const [url, name, returnTo] = process.argv.slice(2);
const { browser, context, page, complaints } = await open();
const seen = { complaints };
let callback;
page.on('request', (r) => {
  if (r.url().startsWith(`${url}/login/callback?`)) callback = r.url();
});

const whoAmI = () => page.evaluate(async () => {
  const answer = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { email kind memberships { role } } }' }),
  });
  return { status: answer.status, body: await answer.json() };
});

const first = await page.goto(`${url}/login?return_to=${encodeURIComponent(returnTo)}`);
if (!first.ok()) { // refused before anybody was asked who they are
  await browser.close();
  console.log(JSON.stringify({ refused: first.status(), landed: first.url() }));
  process.exit();
}
seen.asked = await page.getByRole('heading', { level: 1 }).innerText();
await page.getByRole('link', { name: new RegExp(`^${name},`) }).click();
await page.waitForURL((at) => at.href.startsWith(url));
seen.landed = page.url();
seen.title = await page.title();
seen.cookies = (await context.cookies(url)).map(({ name, httpOnly, sameSite, path, value }) => ({ name, httpOnly, sameSite, path, length: value.length }));

await page.goto(`${url}/playground`);
seen.playground = page.url();
if (seen.playground === `${url}/playground`) {
  seen.scriptSees = await page.evaluate(() => document.cookie);
  seen.viewer = await whoAmI();
  seen.complaints = [...complaints]; // a page that is signed out has something to complain about
  seen.signedOut = await page.evaluate(async () => (await fetch('/logout', { method: 'POST' })).url);
  seen.after = await whoAmI();
}
// The code has been used: whoever finds the address in a history gets nowhere.
const again = await page.goto(callback);
seen.again = { status: again.status(), cookies: (await context.cookies(url)).map((c) => c.name) };
await browser.close();
console.log(JSON.stringify(seen));
