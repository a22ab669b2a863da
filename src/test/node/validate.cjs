// Validates templates: AWS's own validator for all of it, two linters for the state machines inside. The
// arguments are files; one finding a line, nothing else.
const fs = require('fs');
const { CelEngine, TemplateFile } = require('@aws/cloudformation-validate');
const asl = require('asl-validator');
const statelint = require('@wmfs/statelint');

const engine = new CelEngine({});
for (const file of process.argv.slice(2)) {
  const found = engine.validateStandard(new TemplateFile(file), {}).diagnostics;
  for (const d of found) {
    if (d.severity !== 'INFO') console.log(`${file}: ${d.severity} ${d.ruleId} ${JSON.stringify(d.entity || '')}: ${d.message}`);
  }
}
for (const file of process.argv.slice(2).filter((f) => f.endsWith('.json'))) {
  const template = JSON.parse(fs.readFileSync(file));
  for (const [name, resource] of Object.entries(template.Resources)) {
    if (resource.Type !== 'AWS::StepFunctions::StateMachine') continue;
    const machine = () => JSON.parse(definition(resource.Properties.DefinitionString));
    for (const problem of statelint().validate(machine())) console.log(`${file}: ${name}: statelint: ${problem}`);
    const result = asl(machine());
    if (!result.isValid) console.log(`${file}: ${name}: asl-validator: ${result.errorsText('; ')}`);
  }
}

// The text as CloudFormation would make it, with made-up values.
function definition(value) {
  if (typeof value === 'string') return value;
  const sub = value['Fn::Sub'];
  let [text, variables] = Array.isArray(sub) ? sub : [sub, {}];
  for (const [name, given] of Object.entries(variables)) {
    if (typeof given === 'string') text = text.split('${' + name + '}').join(given);
  }
  return text.replace(/\$\{AWS::Partition\}/g, 'aws').replace(/\$\{[^}]+\}/g, '5');
}
