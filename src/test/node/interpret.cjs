// Runs state machines with scripted answers of AWS. Reads a list of scenarios from standard input, and
// writes what came of each. The interpreter is aws-local-stepfunctions; two things are adapted to it:
// Node 20 lacks Promise.withResolvers, and a path with a wildcard that matches nothing is an empty list
// in Step Functions, but an error in the interpreter.
if (!Promise.withResolvers) {
  Promise.withResolvers = function () {
    let resolve, reject;
    const promise = new this((a, b) => { resolve = a; reject = b; });
    return { promise, resolve, reject };
  };
}
const Module = require('module');
const load = Module._load;
Module._load = function (name, ...rest) {
  const loaded = load.call(this, name, ...rest);
  if (name !== 'jsonpath-plus') return loaded;
  const JSONPath = (options, ...more) => {
    const found = loaded.JSONPath(options, ...more);
    const several = options && /\[\*\]|\.\./.test(String(options.path));
    return several && (found === undefined || (Array.isArray(found) && found.length === 0)) ? [] : found;
  };
  return { ...loaded, JSONPath };
};
const { StateMachine } = require('aws-local-stepfunctions');

class Failure extends Error {
  constructor(name, message) { super(message); this.name = name; }
}

function states(definition) {
  const all = [];
  (function walk(map) {
    for (const [name, state] of Object.entries(map)) {
      all.push([name, state]);
      (state.Branches || []).forEach((branch) => walk(branch.States));
      if (state.ItemProcessor) walk(state.ItemProcessor.States);
    }
  })(definition.States);
  return all;
}

// The answer of the task's n-th call: of the first rule for the state whose word is in the input.
function answer(scenario, name, input, n) {
  const text = JSON.stringify(input);
  const rule = scenario.answers.find((r) => r.state === name && (!r.word || text.includes(r.word)));
  if (!rule) return {};
  rule.calls = (rule.calls || 0) + 1;
  const given = rule.answers[Math.min(rule.calls, rule.answers.length) - 1];
  if (given.error) throw new Failure(given.error, given.cause || '');
  return given;
}

async function once(scenario, definition, input, execution, result) {
  const handlers = {}, waits = {}, retries = {};
  let budget = scenario.budget;
  for (const [name, state] of states(definition)) {
    if (state.Type === 'Wait') waits[name] = 0;
    if (state.Retry) retries[name] = state.Retry.map(() => 0);
    if (state.Type === 'Task') {
      handlers[name] = (given) => {
        result.calls.push(name);
        if (--budget < 0) throw new Failure('Harness.Endless', 'more calls than the scenario may make');
        result.inputs.push({ state: name, input: given });
        const answered = answer(scenario, name, given, 0);
        if (state.Resource.endsWith('sns:publish')) result.mails.push({ subject: given.Subject, message: given.Message });
        return answered;
      };
    }
  }
  const machine = new StateMachine(definition, { validationOptions: { checkPaths: false, checkArn: false } });
  const run = machine.run(input, {
    overrides: { taskResourceLocalHandlers: handlers, waitTimeOverrides: waits, retryIntervalOverrides: retries },
    context: {
      Execution: { Id: execution, Name: execution, Input: input, StartTime: '2026-01-01T00:00:00Z' },
      StateMachine: { Id: 'arn:machine', Name: 'machine' },
      State: { EnteredTime: '2026-01-01T01:00:00Z' },
    },
  });
  const counting = (async () => {
    let events = 1;
    for await (const event of run.eventLogs) {
      // Step Functions also notes that a task was scheduled, started and ended.
      events += event.type === 'StateEntered' && event.stateType === 'Task' ? 4 : 1;
      if (event.type === 'StateEntered') result.states.push(event.stateName);
    }
    result.events.push(events);
  })();
  try {
    const output = await run.result;
    await counting;
    return { status: 'SUCCEEDED', output };
  } catch (error) {
    await counting.catch(() => {});
    const real = error.cause || error;
    return { status: 'FAILED', error: real.name, cause: real.message };
  }
}

async function scenario(given, definition, mailer) {
  const result = { name: given.name, calls: [], mails: [], inputs: [], states: [], events: [], executions: 1 };
  let input = given.input, ended;
  for (;;) {
    ended = await once(given, definition, input, 'execution-' + result.executions, result);
    if (ended.status === 'FAILED' || ended.output.outcome !== 'continued' || result.executions >= given.executions) break;
    input = JSON.parse(result.inputs.filter((i) => i.state === 'Start successor').at(-1).input.Input);
    result.executions++;
  }
  Object.assign(result, ended);
  if (ended.status === 'FAILED') {
    // What EventBridge does with every execution that ends badly.
    const described = { state: 'Look', answers: [given.unseen ? { error: 'Sfn.AccessDenied' } : { Status: 'FAILED', Error: ended.error, Cause: ended.cause }] };
    const told = { calls: [], mails: result.mails, inputs: [], states: [], events: [] };
    result.mailer = (await once({ answers: [described, ...given.answers], budget: 50 }, mailer,
      { detail: { executionArn: 'arn:execution', status: 'FAILED' } }, 'mailer', told)).status;
  }
  const count = {};
  for (const call of result.calls) count[call] = (count[call] || 0) + 1;
  result.calls = count;
  result.states = [...new Set(result.states)];
  result.inputs = result.inputs.filter((i, n, all) => all.findIndex((o) => o.state === i.state && JSON.stringify(o.input) === JSON.stringify(i.input)) === n).slice(0, 200);
  return result;
}

(async () => {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { definition, mailer, scenarios } = JSON.parse(Buffer.concat(chunks));
  delete definition.TimeoutSeconds; // longer than the interpreter's timers can be
  delete mailer.TimeoutSeconds;
  const results = [];
  for (const each of scenarios) results.push(await scenario(each, definition, mailer));
  process.stdout.write(JSON.stringify(results));
})().catch((e) => { console.error(e); process.exit(1); });
