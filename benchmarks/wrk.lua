-- Arguments behind "--": method, body, and the body that every answer must have.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   wrong = 0
   answer = args[3]
   wrk.method = args[1]
   if args[2] ~= "" then
      wrk.body = args[2]
   end
   message = wrk.format()
end

function request()
   return message
end

function response(status, headers, body)
   if status ~= 200 or body ~= answer then
      wrong = wrong + 1
   end
end

-- told: requests, µs, wrong answers, errors, and the latencies' median, p99 and maximum in µs.
function done(summary, latency, requests)
   local wrong, e = 0, summary.errors
   for _, thread in ipairs(threads) do
      wrong = wrong + thread:get("wrong")
   end
   print(string.format("told %d %d %d %d %d %d %d",
      summary.requests, summary.duration, wrong,
      e.connect + e.read + e.write + e.status + e.timeout,
      latency:percentile(50), latency:percentile(99), latency.max))
end
