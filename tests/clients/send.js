// Sends events with Segment's Node library, unmodified: HOST KEY NAME COUNT; prints what failed.
const { createRequire } = require("node:module");
const { Analytics } = createRequire(`${process.env.CLIENTS}/`)("@segment/analytics-node");

const [host, writeKey, name, count] = process.argv.slice(2);
const failed = [];
const client = new Analytics({ host, writeKey, flushAt: 20, flushInterval: 100, maxRetries: 20 });
client.on("error", (error) => failed.push(String(error.reason ?? error)));

async function main() {
  for (let n = 0; n < Number(count); n++) {
    const said = { userId: `${name}-${n % 7}`, messageId: `${name}-${n}`, context: { n } };
    if (n % 3 === 0)
      client.track({ event: "Looked", properties: { price: n / 8, when: "é\u2028" }, ...said });
    else if (n % 3 === 1)
      client.identify({ traits: { plan: "pro", email: `${n}@example.org` }, ...said });
    else client.page({ category: "shop", name: "Home", properties: { path: `/${n}` }, ...said });
    if (n % 10 === 0) await new Promise((done) => setTimeout(done, 50));
  }
  await client.closeAndFlush({ timeout: 60000 });
  console.log(JSON.stringify(failed));
}

main();
