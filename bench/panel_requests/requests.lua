-- Asks for the addresses of a file in turn, and says at the end what became of them, as one line of JSON.
local targets = {}
for line in io.lines(os.getenv("TARGETS")) do
  targets[#targets + 1] = line
end
local asked = 0
local encodings = os.getenv("ENCODINGS")
if encodings then
  wrk.headers["Accept-Encoding"] = encodings
end

request = function()
  asked = asked + 1
  return wrk.format("GET", targets[(asked - 1) % #targets + 1])
end

done = function(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
