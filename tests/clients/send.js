// Sends events with a Node library, unmodified: MODULE HOST KEY NAME COUNT; prints what failed.
// MODULE is @segment/analytics-node or @rudderstack/rudder-sdk-node.
const { createRequire } = require("node:module");

const [module_, host, writeKey, name, count] = process.argv.slice(2);
const library = createRequire(`${process.env.CLIENTS}/`)(module_);
const failed = [];

function segment() {
  const settings = { host, writeKey, flushAt: 20, flushInterval: 100, maxRetries: 1000 };
  const client = new library.Analytics(settings);
  client.on("error", (error) => failed.push(String(error.reason ?? error)));
  return [client, () => client.closeAndFlush({ timeout: 600000 })];
}

function rudder() {
  const client = new library(writeKey, {
    dataPlaneUrl: host, flushAt: 20, flushInterval: 100, logLevel: "none",
    retryCount: 1000, axiosRetryConfig: { retryDelay: () => 100 },
    errorHandler: (error) => failed.push(String(error)),
  });
  let answered = 0;
  for (const type of ["track", "identify", "page"]) {
    const send = client[type].bind(client);
    client[type] = (message) => send(message, () => answered++);
  }
  const flushed = async () => {
    while (answered < Number(count)) await new Promise((done) => setTimeout(done, 20));
  };
  return [client, flushed];
}

async function main() {
  const [client, flushed] = module_.startsWith("@segment") ? segment() : rudder();
  for (let n = 0; n < Number(count); n++) {
    const said = { userId: `${name}-${n % 7}`, messageId: `${name}-${n}`, context: { n } };
    if (n % 3 === 0)
      client.track({ event: "Looked", properties: { price: n / 8, when: "é\u2028" }, ...said });
    else if (n % 3 === 1)
      client.identify({ traits: { plan: "pro", email: `${n}@example.org` }, ...said });
    else client.page({ category: "shop", name: "Home", properties: { path: `/${n}` }, ...said });
    if (n % 10 === 0) await new Promise((done) => setTimeout(done, 50));
  }
  await flushed();
  console.log(JSON.stringify(failed));
  process.exit(0);
}

main();
