// How figures are written.

const COUNT = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function count(value) {
  return value === undefined || value === null ? '–' : COUNT.format(value);
}

/** PostgreSQL's units, powers of 1024. */
export function bytes(value) {
  if (value === undefined || value === null || value < 0) return '–';
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit && value < 100 ? value.toFixed(1) : Math.round(value)}\u00a0${UNITS[unit]}`;
}

export function duration(seconds) {
  return spelled(seconds).replaceAll(' ', '\u00a0');
}

function spelled(seconds) {
  if (!(seconds >= 0)) return '–';
  if (seconds < 0.95) return `${Math.round(seconds * 1000)} ms`;
  if (seconds >= 59.95 && seconds < 60) return '1 min 0 s';
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

export function time(iso) {
  return new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
}

export function moment(iso) {
  const then = new Date(iso);
  const today = then.toDateString() === new Date().toDateString();
  return today ? time(iso) : `${then.toLocaleDateString()} ${time(iso)}`;
}

export function since(iso) {
  return `${moment(iso)}`;
}

/** Fills a list of names and values; a third item is a class. */
export function pairs(list, entries) {
  list.replaceChildren(...entries.flatMap(([name, value, kind]) => {
    const term = document.createElement('dt');
    term.textContent = name;
    const what = document.createElement('dd');
    what.textContent = value;
    if (kind) what.className = kind;
    return [term, what];
  }));
}
