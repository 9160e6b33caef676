-- What wrk runs. Arguments: a seed and, to ask for the paths of a file in random order and look at every answer,
-- that file and how each answer has to begin. Without them it asks for the one address that wrk was given.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  wrong = 0
  local file, beginning = args[2], args[3]
  if not file then return end
  math.randomseed(tonumber(args[1]))
  local requests = {}
  for path in io.lines(file) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  request = function()
    return requests[math.random(#requests)]
  end
  response = function(_, _, body)
    if body:sub(1, #beginning) ~= beginning then wrong = wrong + 1 end
  end
end

function done(summary, latency)
  local wrong_answers = 0
  for _, thread in ipairs(threads) do
    wrong_answers = wrong_answers + thread:get("wrong")
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d, "not2xx": %d, "wrong": %d, "bytes": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    failed, errors.status, wrong_answers, summary.bytes))
end
