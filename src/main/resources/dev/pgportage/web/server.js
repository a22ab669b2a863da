// The server: its token, its answers, and its stream of what changes.

const KEPT = 'pgportage-token';

/** The token, taken from the link's fragment once and kept for this tab alone. */
let token = take();

function take() {
  const match = /(?:^#|&)token=([^&]+)/.exec(location.hash);
  if (match) {
    sessionStorage.setItem(KEPT, decodeURIComponent(match[1]));
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(KEPT);
}

// The printed link, opened in a tab that shows this page already, only changes the fragment.
addEventListener('hashchange', () => {
  if (/token=/.test(location.hash)) {
    token = take();
    location.reload();
  }
});

export function hasToken() {
  return Boolean(token);
}

export function setToken(given) {
  token = given;
  if (given) {
    sessionStorage.setItem(KEPT, given);
  } else {
    sessionStorage.removeItem(KEPT);
  }
}

function headers(more) {
  return token ? { ...more, Authorization: `Bearer ${token}` } : { ...more };
}

/** A refused request, with what the server says of it. */
export class Refused extends Error {
  constructor(status, error) {
    super(error?.message ?? `The server answered ${status}.`);
    this.status = status;
    this.code = error?.code ?? '';
    this.remedy = error?.remedy ?? '';
  }
}

async function answer(response) {
  const content = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Refused(response.status, content.error);
  }
  return content;
}

export async function get(path) {
  return answer(await fetch(path, { headers: headers(), cache: 'no-store' }));
}

/** Asks the running process for something; returns the request's number. */
export async function ask(kind, confirm) {
  const response = await fetch('/api/v1/requests', {
    method: 'POST',
    headers: headers({ 'Content-Type': 'application/json', 'X-Pgportage': '1' }),
    body: JSON.stringify({ kind, confirm }),
  });
  return (await answer(response)).id;
}

const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/**
 * Listens until the server says that nothing more will come; connects again whenever it breaks.
 * EventSource cannot send a token, so the stream is read by hand.
 */
export async function listen(heard, connection) {
  for (let failures = 0; ; failures++) {
    try {
      const response = await fetch('/api/v1/stream', { headers: headers(), cache: 'no-store' });
      if (response.status === 401) {
        connection('locked');
        return;
      }
      if (!response.ok) {
        throw new Refused(response.status);
      }
      connection('live');
      failures = 0;
      if (await read(response.body, heard)) {
        connection('ended');
        return;
      }
    } catch {
      // Whatever it was, the next try tells.
    }
    connection('lost');
    await pause(Math.min(10000, 500 * 2 ** Math.min(failures, 5)));
  }
}

/** Reads one stream; true if the server ended it on purpose. */
async function read(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let ended = false;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) {
      return ended;
    }
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (name === 'end') {
        ended = true;
      } else if (name && data) {
        heard(name, JSON.parse(data));
      }
    }
  }
}
