// The workflow as a graph: what follows what, how each step stands, and how long it took.

import { duration } from './figures.js';

const NS = 'http://www.w3.org/2000/svg';
const PREPARATION = [
  'assess', 'schema', 'slot', 'load', 'large-objects', 'reload', 'catch-up', 'constraints', 'validation', 'ready',
];
const CUTOVER = ['arm', 'fence', 'drain', 'recopy', 'sequences', 'proof', 'open', 'switch', 'finish'];
const FREEZE = ['fence', 'open'];
const TITLES = {
  'large-objects': 'Large objects', 'catch-up': 'Catch up', 'rollback-fence': 'Fence target',
  'rollback-drain': 'Drain back', 'rollback-recopy': 'Recopy back', 'rollback-sequences': 'Sequences',
  'rollback-proof': 'Proof', 'rollback-open': 'Open source', shut: 'Shut target',
};
/** Where boxes are narrow. */
const SHORT = { 'large-objects': 'Large obj.' };
const MEANINGS = {
  assess: 'Looks for whatever could go wrong, on both sides; changes nothing.',
  schema: 'Makes types, tables, functions and views on the target.',
  slot: 'Makes the publication, the slot and the snapshot on the source; from here on every change is kept.',
  load: 'Copies all rows of one snapshot, and builds keys and indexes behind them.',
  'large-objects': 'Copies the snapshot’s large objects.',
  reload: 'Loads tables again that are new, or whose rows the source has rewritten.',
  'catch-up': 'Applies the changes made meanwhile, until the lag is small.',
  constraints: 'Adds foreign keys, triggers (disabled), materialized views and statistics.',
  validation: 'Compares every row of both sides at one position of the WAL.',
  ready: 'Everything is proven; replicates until the cutover.',
  arm: 'Prepares the way back before the first write on the target.',
  switch: 'Leads clients to the target.',
  fence: 'Stops writers on the source. The freeze begins.',
  drain: 'Applies everything up to the final position.',
  recopy: 'Copies again what the WAL does not tell.',
  sequences: 'Sets every sequence ahead of the source’s.',
  proof: 'Proves again what changed since the last proof.',
  open: 'Switches triggers and row security on: the target is the database now. The freeze ends.',
  finish: 'Validates foreign keys and refreshes materialized views.',
  'rollback-fence': 'Rollback: stops writers on the target. The freeze begins.',
  'rollback-drain': 'Rollback: applies everything up to the target’s final position to the source.',
  'rollback-recopy': 'Rollback: copies back what the WAL does not tell.',
  'rollback-sequences': 'Rollback: sets every sequence of the source ahead of the target’s.',
  'rollback-proof': 'Rollback: proves what changed since the cutover.',
  'rollback-open': 'Rollback: the source is the database again. The freeze ends.',
  shut: 'Lets triggers and rules of the target rest that act on replicated rows.',
};
const WORDS = { done: 'done', running: 'running', failed: 'failed', pending: 'waiting' };
const ICONS = {
  done: 'M-3.6 .2-1 2.8 3.8-2.8',
  running: 'M-1.8-3.2 3-0-1.8 3.2Z',
  failed: 'M-2.8-2.8 2.8 2.8M2.8-2.8-2.8 2.8',
  pending: 'M-.4 0h.8',
};

export function title(name) {
  return TITLES[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
}

export function meaning(name) {
  return MEANINGS[name] ?? '';
}

function element(name, attributes, ...children) {
  const made = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** The steps a type of migration goes through, and any others there are. */
function names(type, steps) {
  const loads = type !== 'cdc';
  const replicates = type !== 'full-load';
  const known = new Set(steps.filter((step) => status(step) !== 'pending').map((step) => step.name));
  const optional = new Set(['reload', 'arm', 'switch']);
  const preparation = PREPARATION.filter((name) => {
    if (known.has(name)) return true;
    if (optional.has(name)) return false;
    if (['load', 'large-objects'].includes(name)) return loads;
    if (['slot', 'catch-up', 'ready'].includes(name)) return replicates;
    return true;
  });
  const cutover = CUTOVER.filter(
    (name) => known.has(name) || (replicates && !optional.has(name)) || ['sequences', 'open', 'finish'].includes(name));
  const others = [...known]
    .filter((name) => !PREPARATION.includes(name) && !CUTOVER.includes(name));
  return [preparation, cutover, others];
}

function status(step) {
  return !step || step.status === 'pending' || step.status === 'waiting' ? 'pending' : step.status;
}

/** Time a step took, or takes since. */
export function took(step) {
  if (!step?.started_at) return '';
  const end = step.finished_at ? Date.parse(step.finished_at) : Date.now();
  return duration((end - Date.parse(step.started_at)) / 1000);
}

export class Graph {
  constructor(place, chosen) {
    this.place = place;
    this.chosen = chosen;
    this.drawn = '';
    this.nodes = new Map();
    new ResizeObserver(() => this.draw()).observe(place);
  }

  show(overview) {
    this.overview = overview;
    this.steps = new Map((overview.steps ?? []).map((step) => [step.name, step]));
    this.draw();
  }

  draw() {
    if (!this.overview) return;
    const width = Math.floor(this.place.clientWidth);
    const groups = names(this.overview.migration_type, this.overview.steps ?? []);
    const shape = JSON.stringify([width, groups]);
    if (shape !== this.drawn) {
      this.drawn = shape;
      this.build(width, groups);
    }
    for (const [name, node] of this.nodes) {
      this.mark(name, node);
    }
    for (const edge of this.edges) {
      edge.path.dataset.status = this.reached(edge.to) ? 'done' : 'pending';
    }
  }

  reached(name) {
    return name === 'changes' ? this.reached('catch-up') : status(this.steps.get(name)) !== 'pending';
  }

  build(width, groups) {
    const focused = document.activeElement?.dataset?.step;
    const narrow = width < 560;
    const gap = narrow ? 10 : 18;
    const least = narrow ? 104 : 102;
    const most = Math.max(...groups.map((group) => group.length));
    const across = Math.max(2, Math.min(most, Math.floor((width + gap) / (least + gap))));
    const size = Math.min(150, (width - gap * (across - 1) - 2) / across);
    const tall = narrow ? 44 : 48;
    const between = narrow ? 20 : 26;
    this.nodes = new Map();
    this.edges = [];
    const svg = element('svg', { class: narrow ? 'graph narrow' : 'graph', role: 'group', 'aria-label': 'Steps of the migration' });
    const lines = element('g', { class: 'edges' });
    const boxes = element('g', {});
    svg.append(lines, boxes);
    const places = new Map();
    const arc = groups[0].includes('load') && groups[0].includes('catch-up') && across >= groups[0].length;
    let top = arc ? 30 : 2;
    for (const [index, group] of groups.entries()) {
      if (!group.length) continue;
      if (index) top += narrow ? 16 : 18;
      group.forEach((name, place) => {
        const column = place % across;
        if (place && !column) top += tall + between;
        places.set(name, { x: 1 + column * (size + gap), y: top, column });
      });
      top += tall + between;
    }
    const height = top - between + 14;
    const [freezeFrom, freezeTo] = FREEZE.map((name) => places.get(name));
    if (freezeFrom && freezeTo && freezeFrom.y === freezeTo.y && freezeFrom !== freezeTo) {
      const y = freezeTo.y + tall + 9;
      lines.append(
        element('path', { class: 'bracket', d: `M${freezeFrom.x + 2} ${y - 4}v4H${freezeTo.x + size - 2}v-4` }));
      const label = element('text', { class: 'note', x: (freezeFrom.x + freezeTo.x + size) / 2, y: y + 4 });
      label.textContent = 'writes are stopped';
      lines.append(label);
    }
    const order = groups.flat();
    order.slice(1).forEach((name, index) => {
      this.edge(lines, places.get(order[index]), places.get(name), name, { size, tall, gap });
    });
    if (arc) {
      this.bypass(lines, places.get('slot') ?? places.get('schema'), places.get('catch-up'), size);
    }
    for (const name of order) {
      const { x, y } = places.get(name);
      boxes.append(this.box(name, x, y, size, tall));
    }
    svg.setAttribute('viewBox', `0 0 ${width} ${height + 6}`);
    svg.setAttribute('width', width);
    svg.setAttribute('height', height + 6);
    this.place.replaceChildren(svg);
    if (focused) this.nodes.get(focused)?.group.focus();
  }

  edge(lines, from, to, name, { size, tall, gap }) {
    const middle = tall / 2;
    let line;
    if (from.y === to.y) {
      line = `M${from.x + size} ${from.y + middle}H${to.x - 1}`;
    } else {
      const turn = (from.y + tall + to.y) / 2;
      const start = from.x + size / 2;
      const end = to.x + size / 2;
      const r = Math.min(7, Math.abs(start - end) / 2);
      const way = end < start ? -1 : 1;
      line = r < 1
        ? `M${start} ${from.y + tall}V${to.y}`
        : `M${start} ${from.y + tall}V${turn - r}q0 ${r} ${way * r} ${r}H${end - way * r}q${way * r} 0 ${way * r} ${r}V${to.y}`;
    }
    const path = element('path', { d: line });
    lines.append(path);
    this.edges.push({ path, to: name });
  }

  bypass(lines, from, to, size) {
    const start = from.x + size / 2;
    const end = to.x + size / 2;
    const y = from.y;
    const path = element('path', { class: 'bypass', d: `M${start} ${y}V18q0-7 7-7H${end - 7}q7 0 7 7V${y}` });
    const label = element('text', { class: 'note', x: (start + end) / 2, y: 15 });
    label.textContent = 'changes are kept meanwhile';
    lines.append(path, label);
    this.edges.push({ path, to: 'changes' });
  }

  box(name, x, y, width, height) {
    const icon = element('path', {});
    const badge = element('g', { class: 'badge', transform: 'translate(15 16)' },
      element('circle', { r: 7.5 }), icon);
    const label = element('text', { class: 'label', x: 28, y: 20 });
    label.textContent = (width < 115 && SHORT[name]) || title(name);
    const time = element('text', { class: 'time', x: 28, y: 37 });
    const tip = element('title', {});
    const group = element('g',
      { class: 'node', transform: `translate(${x} ${y})`, tabindex: '0', role: 'button', 'data-step': name },
      tip, element('rect', { width, height, rx: 5 }), badge, label, time);
    group.addEventListener('click', () => this.chosen(name));
    group.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        this.chosen(name);
      }
    });
    this.nodes.set(name, { group, icon, time, tip });
    return group;
  }

  mark(name, { group, icon, time, tip }) {
    const step = this.steps.get(name);
    const now = status(step);
    const spent = took(step);
    const again = step?.attempts > 1 ? ` ×${step.attempts}` : '';
    group.dataset.status = now;
    icon.setAttribute('d', ICONS[now] ?? ICONS.pending);
    time.textContent = now === 'pending' ? '' : spent + again;
    const text = `${title(name)}: ${WORDS[now] ?? now}${spent && now !== 'pending' ? ', ' + spent : ''}`;
    if (group.getAttribute('aria-label') !== text) group.setAttribute('aria-label', text);
    tip.textContent = meaning(name);
  }

  /** Shows which step's detail is open. */
  select(name) {
    for (const [other, { group }] of this.nodes) {
      group.setAttribute('aria-expanded', String(other === name));
    }
  }
}
