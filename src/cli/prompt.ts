import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from './cli-error';
import { Io } from './io';

const MAX_INPUT_LENGTH = 65_536;

/**
 * Reads a secret from the terminal without echo, or from the first line of stdin; never from an argument, which every user of
 * the machine can read.
 * @throws CliError for Ctrl-C, and at the end of the terminal's input.
 */
export async function askSecret(io: Io, question: string): Promise<string> {
  if (!isInteractive(io)) return firstLineOfStdin(io);
  try {
    return await ask(io, question, false);
  } finally {
    io.stderr.write('\n');
  }
}

/**
 * Asks a yes-no question.
 * @returns whether the answer was yes; a bare Enter is a no.
 * @throws CliError for Ctrl-C, and at the end of the input.
 */
export async function confirm(io: Io, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(io, `${question} [y/N] `, true)).trim());
}

export function isInteractive({ stdin }: Io): boolean {
  return stdin.isTTY === true;
}

async function ask({ stdin, stderr }: Io, question: string, echo: boolean): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = echo ? stderr : silent;
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
  if (!echo) stderr.write(question); // after createInterface(), which has turned off the terminal's own echo
  const cancelled = new Promise<never>((_, reject) => {
    lines.once('SIGINT', () => reject(new CliError('Cancelled. Nothing was changed.')));
    lines.once('close', () => reject(new CliError('No input. Nothing was changed.')));
  });
  try {
    return await Promise.race([lines.question(echo ? question : ''), cancelled]);
  } finally {
    lines.close();
  }
}

async function firstLineOfStdin({ stdin }: Io): Promise<string> {
  let text = '';
  for await (const chunk of stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.includes('\n') || text.length > MAX_INPUT_LENGTH) break;
  }
  return text.split(/\r?\n/, 1)[0] ?? '';
}
