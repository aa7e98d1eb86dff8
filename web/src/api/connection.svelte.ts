/** The interval in which a server that can't be reached is tried again, in milliseconds. */
const TRIED_MS = 3000;

class Connection {
  /** Whether the last request of this page got no response at all. */
  isLost = $state(false);
}
/** What the page knows of its connection to the server, for the one bar that says so. */
export const connection = new Connection();

let timer: ReturnType<typeof setTimeout> | undefined;

/** Notes that the server has answered. */
export function noteAnswer(): void {
  connection.isLost = false;
  clearTimeout(timer);
}

/** Notes that no answer came. The server is then tried until it answers, so that the bar goes by itself. */
export function noteSilence(): void {
  connection.isLost = true;
  tryLater();
}

function tryLater(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void tryAgain(), TRIED_MS);
}

async function tryAgain(): Promise<void> {
  try {
    await fetch('/health/live', { method: 'HEAD', cache: 'no-store' });
    noteAnswer();
  } catch {
    tryLater();
  }
}
