// Charts over the samples: rates are made here of the totals that come.

import { bytes, count, duration } from './figures.js';

const MOST = 2400;
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800];

function style(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Charts {
  constructor() {
    this.samples = [];
    this.charts = [];
    this.plots = [
      {
        place: document.getElementById('throughput'),
        keys: document.getElementById('throughput-keys'),
        unit: (value) => `${count(value)} rows/s`,
        axis: (value) => short(value),
        series: [
          { label: 'loaded', color: '--blue', of: rate('loaded_rows') },
          { label: 'applied', color: '--green', of: rate('applied_rows') },
        ],
      },
      {
        place: document.getElementById('lag-chart'),
        keys: document.getElementById('lag-keys'),
        unit: duration,
        axis: (value) => `${value} s`,
        series: [{ label: 'behind the source', color: '--amber', of: plain('lag_millis', 1000) }],
      },
      {
        place: document.getElementById('held'),
        keys: document.getElementById('held-keys'),
        unit: bytes,
        axis: bytes,
        incrs: Array.from({ length: 52 }, (_, power) => 2 ** power),
        series: [
          { label: 'held back by the slot', color: '--violet', of: plain('wal_bytes', 1) },
          { label: 'not applied yet', color: '--amber', of: plain('lag_bytes', 1) },
        ],
      },
    ];
    new ResizeObserver(() => this.resize()).observe(this.plots[0].place);
  }

  add({ anew, samples }) {
    this.samples = anew ? samples : this.samples.concat(samples);
    if (this.samples.length > MOST) {
      this.samples = this.samples.slice(-MOST);
    }
    this.draw();
  }

  /** Draws anew, as after a change of colours. */
  restart() {
    this.charts.forEach((chart) => chart.destroy());
    this.charts = [];
    this.draw();
  }

  draw() {
    if (!globalThis.uPlot || this.samples.length < 2) return;
    const times = this.samples.map((sample) => sample.at / 1000);
    this.plots.forEach((plot, index) => {
      const data = [times, ...plot.series.map((series) => series.of(this.samples))];
      if (this.charts[index]) {
        this.charts[index].setData(data);
      } else {
        this.charts[index] = this.make(plot, data);
      }
      this.tell(plot, data);
    });
  }

  make(plot, data) {
    const axis = { stroke: style('--soft'), grid: { stroke: style('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif', gap: 6 };
    return new globalThis.uPlot({
      width: plot.place.clientWidth,
      height: 132,
      legend: { show: false },
      cursor: { points: { size: 5 }, drag: { x: false, y: false }, y: false },
      padding: [8, 8, 0, 0],
      scales: { y: { range: (_, low, high) => [0, nice(high)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, size: 26, incrs: SECONDS, values: clock },
        { ...axis, size: 64, space: 34, incrs: plot.incrs, values: (_, ticks) => ticks.map(plot.axis) },
      ],
      series: [{}, ...plot.series.map((series) => ({
        label: series.label,
        stroke: style(series.color),
        fill: style(series.color) + '14',
        width: 1.5,
        points: { show: false },
        spanGaps: false,
      }))],
    }, data, plot.place);
  }

  /** Says in words what the chart shows, for the key and for who cannot see it. */
  tell(plot, data) {
    const texts = plot.series.map((series, index) => {
      const value = data[index + 1].findLast((figure) => figure !== null);
      return [series, value === undefined ? '–' : plot.unit(value)];
    });
    plot.place.setAttribute('aria-label', texts.map(([series, text]) => `${series.label}: ${text}`).join(', '));
    plot.keys.replaceChildren(...texts.map(([series, text]) => {
      const key = document.createElement('span');
      const mark = document.createElement('i');
      mark.style.backgroundColor = style(series.color);
      const value = document.createElement('b');
      value.textContent = text;
      key.append(mark, `${series.label} `, value);
      return key;
    }));
  }

  resize() {
    this.charts.forEach((chart, index) => {
      chart.setSize({ width: this.plots[index].place.clientWidth, height: 132 });
    });
  }
}

function nice(high) {
  if (!high || high <= 0) return 1;
  const step = 10 ** Math.floor(Math.log10(high));
  return Math.ceil((high * 1.08) / (step / 2)) * (step / 2);
}

function clock(_, ticks) {
  const close = ticks.length > 1 && ticks[1] - ticks[0] < 60;
  return ticks.map((tick) => new Date(tick * 1000).toLocaleTimeString([], {
    hour: '2-digit', minute: '2-digit', second: close ? '2-digit' : undefined, hour12: false,
  }));
}

function short(value) {
  if (value >= 1e6) return `${value / 1e6} M`;
  if (value >= 1e3) return `${value / 1e3} k`;
  return String(value);
}

/** A total's growth per second. */
function rate(field) {
  return (samples) => samples.map((sample, index) => {
    const before = samples[index - 1];
    if (!before || sample.at <= before.at) return null;
    return Math.max(0, (sample[field] - before[field]) / ((sample.at - before.at) / 1000));
  });
}

function plain(field, unit) {
  return (samples) => samples.map((sample) => (sample[field] < 0 ? null : sample[field] / unit));
}

/** What a total grew per second over the last moments. */
export function lately(samples, field, millis) {
  const last = samples.at(-1);
  const from = samples.findLast((sample) => last && last.at - sample.at >= millis) ?? samples[0];
  if (!last || !from || last.at <= from.at) return 0;
  return Math.max(0, (last[field] - from[field]) / ((last.at - from.at) / 1000));
}
