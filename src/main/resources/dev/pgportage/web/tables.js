// The list of tables: only the rows in sight are asked for and drawn, be there ten or ten thousand.

import { get } from './server.js';
import { bytes, count, pairs, since } from './figures.js';

const ROW = 30;
const PAGE = 100;
const SPARE = 6;
const COLUMNS = [
  ['name', 'Table'], ['progress', 'Load'], ['rows', 'Rows'], ['size', 'Size'], ['verdict', 'Validation'],
];
const STATES = { planned: 'waiting', copying: 'copying', copied: 'copied', none: 'not loaded' };
const VERDICTS = {
  'not-compared': 'not compared', proven: 'proven', changed: 'changed', differs: 'different',
  comparing: 'being compared', recopied: 'in the freeze',
};

function make(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export class Tables {
  constructor() {
    this.grid = document.getElementById('grid');
    this.detail = document.getElementById('table');
    this.counter = document.getElementById('tables-count');
    this.text = document.getElementById('tables-text');
    this.filter = document.getElementById('tables-filter');
    this.sort = 'name';
    this.pages = new Map();
    this.total = 0;
    this.version = -1;
    this.asking = new Set();
    this.head = make('div', 'row header', ...COLUMNS.map(([key, label]) => this.heading(key, label)));
    this.head.setAttribute('role', 'row');
    this.space = make('div', 'space');
    this.space.setAttribute('role', 'rowgroup');
    this.body = make('div', 'body', this.space);
    this.body.tabIndex = 0;
    this.body.setAttribute('aria-label', 'Rows');
    this.grid.append(this.head, this.body);
    this.body.addEventListener('scroll', () => this.later(), { passive: true });
    let typing;
    this.text.addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.restart(), 200);
    });
    this.filter.addEventListener('change', () => this.restart());
    new ResizeObserver(() => this.later()).observe(this.grid);
  }

  heading(key, label) {
    const button = make('button', 'quiet', label);
    button.type = 'button';
    button.addEventListener('click', () => {
      const larger = key === 'size' || key === 'rows';
      const first = larger ? `-${key}` : key;
      const second = larger ? key : `-${key}`;
      this.sort = this.sort === first ? second : first;
      this.restart();
    });
    const cell = make('span', `cell ${key}`, button);
    cell.setAttribute('role', 'columnheader');
    cell.dataset.key = key;
    return cell;
  }

  /** Another question: everything shown is forgotten. */
  restart() {
    this.pages.clear();
    this.body.scrollTop = 0;
    for (const cell of this.head.children) {
      const up = this.sort === cell.dataset.key;
      const down = this.sort === `-${cell.dataset.key}`;
      cell.setAttribute('aria-sort', up ? 'ascending' : down ? 'descending' : 'none');
    }
    this.fetch(0);
  }

  /** What the stream says of changed tables. */
  changed({ version, total, rows, many }) {
    if (this.version < 0 || many || total !== this.all || this.filter.value !== 'all' || !/name|size/.test(this.sort)) {
      // Places may have moved: what is in sight is asked for again, now and then.
      this.version = version;
      if (!this.refreshing) {
        this.refreshing = setTimeout(() => {
          this.refreshing = undefined;
          this.refresh();
        }, this.all === undefined ? 0 : 1500);
      }
      return;
    }
    this.version = version;
    const fresh = new Map(rows.map((row) => [row.table, row]));
    for (const page of this.pages.values()) {
      page.forEach((row, index) => {
        page[index] = fresh.get(row.table) ?? row;
      });
    }
    if (this.chosen && fresh.has(this.chosen.table)) this.open(fresh.get(this.chosen.table));
    this.later();
  }

  refresh() {
    const [first, last] = this.sight();
    const wanted = new Set([Math.floor(first / PAGE), Math.floor(last / PAGE)]);
    for (const number of this.pages.keys()) {
      if (!wanted.has(number)) this.pages.delete(number);
    }
    for (const number of wanted) this.fetch(number);
  }

  async fetch(number) {
    const question = new URLSearchParams({
      text: this.text.value.trim(), filter: this.filter.value, sort: this.sort, offset: number * PAGE, limit: PAGE,
    });
    const key = question.toString();
    if (this.asking.has(key)) return;
    this.asking.add(key);
    try {
      const page = await get(`/api/v1/tables?${key}`);
      if (question.get('sort') !== this.sort || question.get('filter') !== this.filter.value
          || question.get('text') !== this.text.value.trim()) {
        return;
      }
      this.total = page.total;
      this.all = page.all;
      this.pages.set(number, page.rows);
      const chosen = page.rows.find((row) => row.table === this.chosen?.table);
      if (chosen) this.open(chosen);
      this.draw();
    } catch {
      // The stream tells when the server is back, and the list is asked for again then.
    } finally {
      this.asking.delete(key);
    }
  }

  later() {
    if (!this.waiting) {
      this.waiting = requestAnimationFrame(() => {
        this.waiting = undefined;
        this.draw();
      });
    }
  }

  sight() {
    const first = Math.max(0, Math.floor(this.body.scrollTop / ROW) - SPARE);
    const last = Math.min(this.total, Math.ceil((this.body.scrollTop + this.body.clientHeight) / ROW) + SPARE);
    return [first, Math.max(first, last - 1)];
  }

  draw() {
    const shown = this.total === this.all ? `${count(this.all ?? 0)}` : `${count(this.total)} of ${count(this.all)}`;
    this.counter.textContent = this.all === undefined ? '' : shown;
    this.space.style.height = `${this.total * ROW}px`;
    this.grid.setAttribute('aria-rowcount', String(this.total));
    const [first, last] = this.sight();
    const rows = [];
    for (let index = first; this.total && index <= last; index++) {
      const page = this.pages.get(Math.floor(index / PAGE));
      if (page) {
        const row = page[index % PAGE];
        if (row) rows.push(this.row(row, index));
      } else {
        this.fetch(Math.floor(index / PAGE));
      }
    }
    const focused = document.activeElement?.dataset?.table;
    this.space.replaceChildren(...rows);
    if (!this.total && this.all !== undefined) {
      this.space.replaceChildren(make('p', 'soft none', this.all ? 'No table matches.' : 'No tables yet.'));
      this.space.style.height = `${ROW}px`;
    }
    if (focused) this.space.querySelector(`[data-table="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  row(row, index) {
    const share = row.state === 'copied' || row.state === 'none' ? 1
      : row.planned_rows > 0 ? Math.min(1, row.rows / row.planned_rows) : 0;
    const bar = make('span', 'bar');
    bar.style.setProperty('--share', String(share));
    const load = make('span', 'cell progress', bar, STATES[row.state] ?? row.state);
    load.dataset.state = row.state;
    const verdict = make('span', 'cell verdict', VERDICTS[row.verdict] ?? row.verdict);
    verdict.title = row.meaning;
    verdict.dataset.verdict = row.verdict;
    const name = make('span', 'cell name', row.table);
    name.title = row.table;
    const made = make('div', 'row', name, load,
      make('span', 'cell rows', row.state === 'planned' ? `~${count(row.planned_rows)}` : count(row.rows)),
      make('span', 'cell size', bytes(row.planned_bytes)), verdict);
    for (const cell of made.children) cell.setAttribute('role', 'cell');
    made.setAttribute('role', 'row');
    made.setAttribute('aria-rowindex', String(index + 1));
    made.tabIndex = 0;
    made.dataset.table = row.table;
    made.style.transform = `translateY(${index * ROW}px)`;
    made.setAttribute('aria-selected', String(row.table === this.chosen?.table));
    made.addEventListener('click', () => this.choose(row));
    made.addEventListener('keydown', (event) => this.key(event, row, index));
    return made;
  }

  key(event, row, index) {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.choose(row);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const next = index + (event.key === 'ArrowDown' ? 1 : -1);
      if (next < 0 || next >= this.total) return;
      const top = next * ROW;
      if (top < this.body.scrollTop) this.body.scrollTop = top;
      if (top + ROW > this.body.scrollTop + this.body.clientHeight) this.body.scrollTop = top + ROW - this.body.clientHeight;
      this.draw();
      this.space.querySelector(`[aria-rowindex="${next + 1}"]`)?.focus({ preventScroll: true });
    }
  }

  choose(row) {
    if (this.chosen?.table === row.table) {
      this.chosen = undefined;
      this.detail.hidden = true;
    } else {
      this.open(row);
    }
    this.draw();
  }

  /** The drill-down: what was found in this table. */
  open(row) {
    this.chosen = row;
    const proof = row.validation;
    const close = make('button', 'quiet close', 'Close');
    close.type = 'button';
    close.addEventListener('click', () => this.choose(row));
    const list = make('dl', 'pairs');
    pairs(list, [
      ['Load', STATES[row.state] ?? row.state],
      ['Rows on the target', count(row.rows)],
      ...(row.planned_rows > 0 ? [['Rows expected', `~${count(row.planned_rows)}`]] : []),
      ['Size expected', bytes(row.planned_bytes)],
      ['Proof', row.meaning, row.verdict === 'differs' ? 'bad' : ''],
      ...(proof ? [
        ['Rows compared, source', count(proof.source_rows)],
        ['Rows compared, target', count(proof.target_rows)],
        ['Missing on the target', count(proof.missing), proof.missing ? 'bad' : ''],
        ['Extra on the target', count(proof.extra), proof.extra ? 'bad' : ''],
        ['Different values', count(proof.differing), proof.differing ? 'bad' : ''],
        ['Compared at LSN', proof.at ?? 'the source stood still'],
        ['Compared', since(proof.finished_at)],
        ['Digest', proof.digest],
      ] : []),
    ]);
    const hint = proof && row.verdict === 'differs'
      ? make('p', 'soft', 'The keys that differ: pgportage validate --keys show') : '';
    this.detail.replaceChildren(make('div', 'head', make('h3', '', row.table), close), list, hint);
    this.detail.hidden = false;
  }
}
