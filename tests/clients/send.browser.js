// Sends events with a browser's libraries, unmodified: started by the test in the page.

const CALLS = {
  track: (client, n) => client.track("Looked", { n, when: "é\u2028", price: n / 8 }),
  page: (client, n) => client.page("shop", "Home", { n }),
  identify: (client, n) => client.identify(`u-${n}`, { n, email: `${n}@example.org` }),
  group: (client, n) => client.group(`g-${n}`, { n }),
  alias: (client, n) => client.alias(`v-${n}`),
};

// Segment's: `strategy` is "standard" (a request an event) or "batching".
async function segment(host, writeKey, strategy, config) {
  const settings = { apiHost: `${host}/v1`, protocol: "http" };
  const [client] = await AnalyticsNext.AnalyticsBrowser.load(
    { writeKey, cdnSettings: { integrations: { "Segment.io": { apiKey: writeKey } } } },
    { integrations: { "Segment.io": { ...settings, deliveryStrategy: { strategy, config } } } },
  );
  return client;
}

// RudderStack's: what it would ask its control plane is answered here.
function rudder(host, writeKey, strategy) {
  const source = {
    id: "s", name: "shop", writeKey, enabled: true, workspaceId: "w", destinations: [],
    config: { statsCollection: { errors: { enabled: false }, metrics: { enabled: false } } },
    connections: [], dataplanes: {},
  };
  const client = new rudderanalytics.RudderAnalytics();
  return new Promise((ready) => client.load(writeKey, `http://${host}`, {
    getSourceConfig: () => ({ source }),
    queueOptions: { batch: { enabled: strategy === "batching", maxItems: 10, flushInterval: 200 } },
    onLoaded: () => ready(client),
  }));
}

const LIBRARIES = { segment, rudder };

// Load a library once, and send `count` events of each kind; `taken` when it has them all.
async function send(library, host, key, strategy, count, config) {
  window.client = window.client ?? await LIBRARIES[library](host, key, strategy, config);
  window.taken = [];
  for (let n = 0; n < count; n++)
    for (const call of Object.values(CALLS)) window.taken.push(call(window.client, n));
}
