// The dashboard: what the stream brings goes to the parts of the page.

import { Graph, meaning, title, took } from './graph.js';
import { Charts, lately } from './charts.js';
import { Tables } from './tables.js';
import { ask, get, hasToken, listen, Refused, setToken } from './server.js';
import { bytes, count, duration, moment, pairs } from './figures.js';

const $ = (id) => document.getElementById(id);
const STATES = {
  waiting: 'Not begun', running: 'Running', ready: 'Ready', failed: 'Failed', stopped: 'Stopped', done: 'Done',
};
const LINKS = {
  connecting: 'Connecting', live: 'Live', lost: 'Reconnecting', ended: 'Process ended', locked: 'Token needed',
};
const ACTIONS = {
  validate: ['Validate now', 'Compares every row of both sides while replication goes on.'],
  rehearse: ['Rehearse', 'Tells how a cutover would go now, and how long writes would be stopped. Stops nobody.'],
  cutover: ['Cut over', 'Writes on the source are stopped, the rest is applied and proven, and the target is opened. If anything fails before that, the source is writable again.'],
  rollback: ['Roll back', 'Moves the writes back to the source, with everything written to the target since.'],
  abandon: ['Abandon', 'Stays on the source and removes everything the migration made.'],
};
const GRAVE = new Set(['cutover', 'rollback', 'abandon']);

let overview = {};
let chosen;
let opened;
let pending;
let linkState = 'connecting';
const events = [];

const graph = new Graph($('graph'), chooseStep);
const charts = new Charts();
const tables = new Tables();

// ---- state, route, figures ------------------------------------------------------------------

function show(fresh) {
  const before = overview;
  overview = fresh;
  document.title = `${fresh.migration} · ${STATES[fresh.state] ?? fresh.state} · pgportage`;
  text('name', fresh.migration);
  text('source', fresh.source);
  text('target', fresh.target);
  text('state', STATES[fresh.state] ?? fresh.state);
  $('state').dataset.state = fresh.state;
  text('phase', phase());
  const problem = fresh.problem ?? fresh.source_problem ?? '';
  text('problem', problem);
  $('problem').hidden = !problem;
  graph.show(fresh);
  const failed = (fresh.steps ?? []).find((step) => step.status === 'failed');
  if (failed && opened !== failed.name + failed.finished_at) {
    opened = failed.name + failed.finished_at;
    chosen = failed.name;
  }
  showStep();
  figures();
  checklist();
  actions();
  sides();
  if (before.state && before.state !== fresh.state) {
    announce(`The migration is now: ${STATES[fresh.state] ?? fresh.state}`);
  }
}

function text(id, value) {
  const place = $(id);
  if (place.textContent !== String(value ?? '')) place.textContent = value ?? '';
}

function phase() {
  const { phase: name, phase_since: from, running, holder } = overview;
  if (!name) return '';
  const who = holder ? ` · ${running ? 'run by' : 'last run by'} ${holder}` : '';
  return `${title(name)} since ${moment(from)}${who}`;
}

function figures() {
  const { load, replication, applied, compared, proven, event_counts: counts } = overview;
  if (load?.tables) {
    const percent = Math.floor(load.share * 1000) / 10;
    text('load-share', percent >= 100 ? '100 %' : `${percent.toFixed(1)} %`);
    text('load-left', load.share < 1 && load.seconds_left >= 0 ? `${duration(Math.round(load.seconds_left))} left` : '');
    $('load-meter').setAttribute('aria-valuenow', String(percent));
    $('load-meter').firstElementChild.style.setProperty('--share', String(load.share));
    text('load-detail', `${count(load.copied)} of ${count(load.tables)} tables · ${count(load.rows)} rows · ${bytes(load.bytes)} of ${bytes(load.planned_bytes)}`
      + (load.share < 1 && load.bytes_per_second > 0 ? ` · ${bytes(load.bytes_per_second)}/s` : '')
      + (load.share < 1 && load.current ? ` · ${load.current}` : ''));
  }
  const lag = overview.lag_millis;
  text('lag', lag === undefined || lag < 0 ? '–' : duration(lag / 1000));
  $('lag').classList.toggle('warn', lag > overview.max_lag_millis);
  const { reverse } = overview;
  text('lag-detail', replication ? `${bytes(replication.lag_bytes)} of WAL`
    : reverse ? `${bytes(reverse.lag_bytes)} of WAL, on the way back` : moved() ? 'Nothing flows any more' : 'No replication yet');
  rates();
  text('rate-detail', applied ? `${count(applied.transactions)} transactions` : 'No changes yet');
  const { comparing } = overview;
  if (comparing) {
    const share = comparing.planned_bytes > 0 ? Math.min(99, Math.floor(100 * comparing.bytes / comparing.planned_bytes)) : 0;
    text('proofs', `${share} %`);
    text('proofs-detail', `Comparing: ${count(comparing.done)} of ${count(comparing.tables)} tables done`);
  } else if (proven?.tables && compared?.compared) {
    text('proofs', proven.differing ? `${count(proven.differing)} differ`
      : proven.complete ? 'Proven' : `${count(proven.proven)} of ${count(proven.tables)}`);
    text('proofs-detail', `${count(proven.proven + proven.recopied)} of ${count(proven.tables)} tables · ${count(compared.rows)} rows`);
  } else {
    text('proofs', '–');
    text('proofs-detail', 'Not compared yet');
  }
  $('proofs').classList.toggle('bad', Boolean(proven?.differing));
  text('wal', replication ? bytes(replication.retained_bytes) : '–');
  text('wal-detail', replication ? replication.wal_status : '');
  if (counts) {
    text('troubles', `${count(counts.warnings)}, ${count(counts.errors)}`);
    text('troubles-detail', `${count(counts.infos + counts.warnings + counts.errors)} events`);
    $('troubles').classList.toggle('bad', counts.errors > 0);
    $('troubles').classList.toggle('warn', !counts.errors && counts.warnings > 0);
  }
}

function rates() {
  const { applied } = overview;
  text('rate', applied ? count(lately(charts.samples, 'applied_rows', 5000)) : '–');
}

/** What the source and the target hold back or spend; only what the server knows. */
function sides() {
  const { applied, replication, spool, reverse, schema_change: change } = overview;
  pairs($('changes'), [
    ['Inserts', count(applied?.inserts)],
    ['Updates', count(applied?.updates)],
    ['Deletes', count(applied?.deletes)],
    ['Truncates', count(applied?.truncates)],
    ['Schema changes', count(applied?.schema_changes) + (change ? ', 1 waits' : ''), change ? 'warn' : ''],
    ['Stream', bytes(applied?.bytes)],
  ]);
  const sequences = (overview.steps ?? []).find((step) => step.name === 'sequences');
  pairs($('sides'), [
    ...(replication ? [
      ['Source at', replication.source_lsn],
      ['Applied up to', replication.applied_lsn],
      ['Slot', replication.wal_status, replication.wal_status === 'lost' ? 'bad' : ''],
      ...(overview.streams ?? []).map((stream) => [
        `Stream ${stream.number}, ${count(stream.tables)} tables`,
        `${bytes(stream.lag_bytes)} behind, holds ${bytes(stream.retained_bytes)}`,
        stream.wal_status === 'lost' ? 'bad' : '']),
    ] : [['Replication', moved() ? 'ended with the cutover' : overview.source_problem ? 'not known' : 'not begun']]),
    ['Sequences', sequences?.status === 'done'
      ? `set ${count(overview.sequence_headroom)} ahead` : `at the cutover, ${count(overview.sequence_headroom)} ahead`],
    ...(spool?.bytes ? [['Received, not applied', bytes(spool.lag_bytes), spool.full ? 'bad' : '']] : []),
    ...(reverse ? [['Flows back, behind by', bytes(reverse.lag_bytes)], ['WAL held back, target', bytes(reverse.retained_bytes)]] : []),
  ]);
  gauges();
}

/** Whether the target is the database. */
function moved() {
  return ['cut-over', 'finish'].includes(overview.phase);
}

const AMOUNTS = { bytes, ms: (value) => duration(value / 1000) };

/** Each figure that could do harm, beside its limit. */
function gauges() {
  const shown = overview.gauges ?? [];
  const key = JSON.stringify(shown);
  if ($('gauges').dataset.shown === key) return;
  $('gauges').dataset.shown = key;
  $('gauges-note').hidden = shown.length > 0;
  $('gauges').replaceChildren(...shown.map((gauge) => {
    const amount = AMOUNTS[gauge.unit] ?? count;
    const value = node('b', '', amount(gauge.value));
    const limit = node('span', 'soft', gauge.limit > 0 ? `of ${amount(gauge.limit)}` : 'no limit');
    const meter = node('span', 'meter', node('span', ''));
    meter.setAttribute('aria-hidden', 'true');
    meter.hidden = !(gauge.limit > 0);
    meter.firstElementChild.style.setProperty('--share', String(gauge.limit > 0 ? Math.min(1, gauge.value / gauge.limit) : 0));
    const word = gauge.level === 'ok' ? '' : gauge.level === 'danger' ? 'over its limit' : 'near its limit';
    const item = node('li', '', node('span', 'what', gauge.title), node('span', 'amount', value, ' ', limit),
      meter, node('span', 'word', word));
    item.dataset.level = gauge.level;
    item.dataset.gauge = gauge.name;
    return item;
  }));
}

// ---- steps ----------------------------------------------------------------------------------

function chooseStep(name) {
  chosen = chosen === name ? undefined : name;
  showStep();
  if (chosen) $('step').scrollIntoView({ block: 'nearest' });
}

function showStep() {
  graph.select(chosen);
  const place = $('step');
  if (!chosen) {
    place.hidden = true;
    place.dataset.shown = '';
    return;
  }
  const step = (overview.steps ?? []).find((one) => one.name === chosen);
  const tries = (overview.attempts ?? []).filter((one) => one.step === chosen);
  const key = JSON.stringify([chosen, step, tries, step?.finished_at ? 0 : Math.floor(Date.now() / 1000)]);
  if (place.dataset.shown === key) return;
  place.dataset.shown = key;
  const close = node('button', 'quiet close', 'Close');
  close.type = 'button';
  close.addEventListener('click', () => chooseStep(chosen));
  const list = node('dl', 'pairs');
  const begun = step?.started_at;
  pairs(list, begun ? [
    ['Status', step.status, step.status === 'failed' ? 'bad' : ''],
    ['Began', moment(step.started_at)],
    ['Ended', step.finished_at ? moment(step.finished_at) : 'not yet'],
    ['Took', took(step)],
    ['Tries', step.attempts === 1 ? 'one' : String(step.attempts)],
  ] : [['Status', 'waiting']]);
  const parts = [node('div', 'head', node('h3', '', title(chosen)), node('p', 'soft', meaning(chosen)), close), list];
  if (step?.error) {
    const [what, ...remedy] = step.error.split('\n');
    parts.push(node('p', 'error', what));
    if (remedy.length) parts.push(node('p', 'remedy', node('b', '', 'What to do: '), remedy.join(' ').trim()));
  }
  if (tries.length > 1) {
    parts.push(node('ol', 'attempts', ...tries.slice(-8).map((one) => node('li', '',
      `${moment(one.started_at)} · ${one.outcome}${one.error ? ' · ' + one.error.split('\n')[0] : ''}`))));
  }
  place.replaceChildren(...parts);
  place.dataset.status = step?.status ?? 'pending';
  place.hidden = false;
}

function node(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// ---- checklist and actions ------------------------------------------------------------------

function checklist() {
  const points = overview.checklist ?? [];
  $('cutover').hidden = overview.migration_type === 'full-load';
  text('cutover-title', moved() ? 'After the cutover' : 'Before the cutover');
  $('checklist').replaceChildren(...points.map((point) => {
    const mark = node('span', 'mark', point.met ? '✓' : '○');
    mark.setAttribute('aria-hidden', 'true');
    const item = node('li', '', mark, node('span', 'what', point.title),
      node('span', 'soft detail-text', point.detail), node('span', 'hidden', point.met ? ' met' : ' not met yet'));
    item.dataset.met = String(point.met);
    return item;
  }));
}

function actions() {
  const offered = overview.actions ?? [];
  const key = JSON.stringify([offered, pending, linkState]);
  if ($('actions').dataset.shown === key) return;
  $('actions').dataset.shown = key;
  $('actions').replaceChildren(...offered.filter((action) => ACTIONS[action.kind]).map((action) => {
    const button = node('button', GRAVE.has(action.kind) ? 'grave' : '', ACTIONS[action.kind][0]);
    button.type = 'button';
    button.dataset.kind = action.kind;
    button.disabled = !action.offered || Boolean(pending) || linkState !== 'live';
    button.title = action.offered ? ACTIONS[action.kind][1] : action.reason;
    button.addEventListener('click', () => confirm(action.kind));
    return button;
  }));
  const reasons = new Set(offered.filter((action) => !action.offered).map((action) => action.reason));
  text('actions-note', pending ? `${ACTIONS[pending][0]}: under way …` : [...reasons].join(' '));
}

function confirm(kind) {
  const [name, meaningOf] = ACTIONS[kind];
  const grave = GRAVE.has(kind);
  text('confirm-title', `${name}: ${overview.migration}`);
  text('confirm-text', meaningOf);
  text('confirm-name-wanted', overview.migration);
  text('confirm-go', name);
  text('confirm-error', '');
  $('confirm-name-label').hidden = !grave;
  $('confirm-token-label').hidden = hasToken();
  $('confirm-name').value = '';
  $('confirm-token').value = '';
  $('confirm').dataset.kind = kind;
  $('confirm-go').className = grave ? 'grave' : '';
  ready();
  $('confirm').showModal();
}

/** The button waits for the name. */
function ready() {
  const grave = GRAVE.has($('confirm').dataset.kind);
  $('confirm-go').disabled = grave && $('confirm-name').value !== overview.migration;
}

async function go(event) {
  event.preventDefault();
  const kind = $('confirm').dataset.kind;
  const given = $('confirm-token').value.trim();
  if (given) setToken(given);
  try {
    const id = await ask(kind, $('confirm-name').value);
    $('confirm').close();
    pending = kind;
    actions();
    await follow(kind, id);
  } catch (error) {
    if (error instanceof Refused && error.code === 'TOKEN_REQUIRED') {
      setToken('');
      $('confirm-token-label').hidden = false;
      text('confirm-error', given ? 'That is not the token.' : 'The token is needed: it is in the link that was printed when the dashboard began.');
    } else {
      text('confirm-error', `${error.message} ${error.remedy ?? ''}`);
    }
    if (!$('confirm').open) tell(kind, undefined, error);
  }
}

/** Waits for what comes of a request. */
async function follow(kind, id) {
  try {
    for (;;) {
      const answer = await get(`/api/v1/requests/${id}`);
      if (answer.stage === 'done' || answer.stage === 'failed') {
        tell(kind, answer.outcome, answer.error);
        return;
      }
      await new Promise((done) => setTimeout(done, 400));
    }
  } catch (error) {
    // The process may end with the cutover it was asked for: the events then tell of it.
    if (overview.state !== 'done') tell(kind, undefined, error);
  } finally {
    pending = undefined;
    actions();
  }
}

function tell(kind, outcome, error) {
  const place = $('outcome');
  place.dataset.bad = String(Boolean(error));
  const what = error
    ? `${ACTIONS[kind][0]}: ${error.code ? error.code + ': ' : ''}${error.message}`
    : `${ACTIONS[kind][0]}: done${outcome?.freeze_millis === undefined ? '' : `, writes ${kind === 'rehearse' ? 'would be stopped for about' : 'were stopped for'} ${duration(outcome.freeze_millis / 1000)}`}`;
  const obstacles = (outcome?.obstacles ?? []).map((one) => node('p', 'bad', one));
  place.replaceChildren(node('p', '', what), ...obstacles, error?.remedy ? node('p', 'soft', error.remedy) : '');
  place.hidden = false;
}

// ---- events ---------------------------------------------------------------------------------

function hear(more) {
  events.push(...more);
  if (events.length > 2000) events.splice(0, events.length - 2000);
  const trouble = more.findLast((event) => event.level !== 'info');
  if (trouble) announce(`${trouble.level}: ${trouble.message}`);
  list();
}

function list() {
  const level = $('events-level').value;
  const wanted = $('events-text').value.trim().toLowerCase();
  const matching = events.filter((event) =>
    (level === 'all' || event.level === 'error' || event.level === level)
    && (!wanted || `${event.kind} ${event.message}`.toLowerCase().includes(wanted)));
  text('events-count', matching.length === events.length ? count(events.length) : `${count(matching.length)} of ${count(events.length)}`);
  $('events').replaceChildren(...matching.slice(-200).reverse().map((event) => {
    const when = node('time', '', moment(event.at));
    when.dateTime = event.at;
    const item = node('li', '', when, node('span', 'level', event.level), node('span', 'kind', event.kind), node('span', 'message', event.message));
    item.dataset.level = event.level;
    return item;
  }));
}

/** Says something to who listens rather than looks, but not more often than can be followed. */
let lastSaid = 0;
let toSay;
function announce(what) {
  const wait = 5000 - (Date.now() - lastSaid);
  clearTimeout(toSay);
  toSay = setTimeout(() => {
    lastSaid = Date.now();
    text('announcer', what);
  }, Math.max(0, wait));
}

// ---- theme ----------------------------------------------------------------------------------

const THEMES = ['auto', 'light', 'dark'];

function theme(name) {
  document.documentElement.dataset.theme = name;
  text('theme', `Theme: ${name}`);
  charts.restart();
}

// ---- begin ----------------------------------------------------------------------------------

theme(localStorage.getItem('pgportage-theme') ?? 'auto');
$('theme').addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
  localStorage.setItem('pgportage-theme', next);
  theme(next);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => charts.restart());
$('events-level').addEventListener('change', list);
$('events-text').addEventListener('input', list);
$('confirm-form').addEventListener('submit', go);
$('confirm-name').addEventListener('input', ready);
$('confirm-cancel').addEventListener('click', () => $('confirm').close());
setInterval(() => {
  if (linkState === 'live' && overview.steps) {
    graph.draw();
    showStep();
  }
}, 1000);

const heard = {
  overview: show,
  tables: (changes) => tables.changed(changes),
  events: ({ events: more }) => hear(more),
  samples: (more) => {
    charts.add(more);
    rates();
  },
};

function link(state) {
  linkState = state;
  text('link', LINKS[state]);
  $('link').dataset.link = state;
  if (state === 'live') {
    events.length = 0;
  }
  if (state === 'locked') {
    $('problem').hidden = false;
    text('problem', 'This dashboard shows itself only to who has the token: open the link that was printed when it began.');
  }
  actions();
}

listen((name, data) => heard[name]?.(data), link);
