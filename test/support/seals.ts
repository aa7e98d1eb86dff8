import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EntryLine, lineIn, SealLine } from '../../src/seals/seal-lines';
import { SealFacts } from '../../src/seals/hash-chain';
import { SealingService } from '../../src/seals/sealing.service';
import { TestApp } from './app';

const SCRIPT = join(__dirname, '../../docs/verify-seals.mjs');

/** What a check of seals has said. */
export interface Verdict {
  readonly code: number;
  readonly out: string;
}

/** Seals what is recorded so far. */
export async function sealRecorded(app: TestApp): Promise<void> {
  const sealing = app.app.get(SealingService, { strict: false });
  await sealing.seal(); // may be a run from before
  await sealing.seal();
}

/** Runs the script of the docs. */
export async function runScript(...args: string[]): Promise<Verdict> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args]);
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

/** Reads an export of seals. */
export function linesOf(text: string): (EntryLine | SealLine)[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => lineIn(line)!);
}

/** Returns what a line of a seal says. */
export function factsOf({ text }: SealLine): SealFacts {
  return JSON.parse(text) as SealFacts;
}
