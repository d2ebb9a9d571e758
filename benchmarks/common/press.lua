-- What wrk sends: Segment track events with ids of their own, one a request or BATCH together.
-- Every answer is read: only the right status with the right body counts.

local batch = tonumber(os.getenv("BATCH"))
local head, tail = os.getenv("HEAD"), os.getenv("TAIL")
local threads = {}

function setup(thread)
  thread:set("id", #threads)
  threads[#threads + 1] = thread
end

function init(args)
  n, right, wrong = 0, 0, 0
  wrk.method = "POST"
  wrk.headers["content-type"] = "application/json"
  wrk.headers["authorization"] = os.getenv("AUTHORIZATION")
end

local function event()
  n = n + 1
  return head .. string.format("%02d-%017d", id, n) .. tail
end

function request()
  if batch == 1 then
    return wrk.format(nil, nil, nil, event())
  end
  local events = {}
  for i = 1, batch do
    events[i] = event()
  end
  local body = '{"sentAt":"2026-01-02T03:04:06.000Z","batch":[' .. table.concat(events, ",") .. "]}"
  return wrk.format(nil, nil, nil, body)
end

function response(status, headers, body)
  if status == 200 and body == '{"success":true}' then
    right = right + 1
  else
    wrong = wrong + 1
  end
end

function done(summary, latency, requests)
  local all, bad = 0, 0
  for _, thread in ipairs(threads) do
    all = all + thread:get("right")
    bad = bad + thread:get("wrong")
  end
  local errors = summary.errors
  bad = bad + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('{"right":%d,"wrong":%d,"seconds":%f,"p50_ms":%f,"p99_ms":%f}\n', all, bad,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
