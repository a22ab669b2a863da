// Calls a function of a template as Lambda does: reads its code and an event from standard input, and lets
// it find Amazon's SDK beside this file. What it logs goes to standard error.
const Module = require('module');
const path = require('path');

console.log = console.error;
(async () => {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const { code, event } = JSON.parse(Buffer.concat(chunks));
  const loaded = new Module(path.join(__dirname, 'index.js'));
  loaded.paths = Module._nodeModulePaths(__dirname);
  loaded._compile(code, path.join(__dirname, 'index.js'));
  await loaded.exports.handler(event, {});
  // Lambda freezes a function whose promise is kept: whatever it still does does not count.
  process.exit(0);
})().catch((e) => { console.error(e); process.exit(1); });
