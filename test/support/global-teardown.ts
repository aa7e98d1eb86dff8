import { rm } from 'node:fs/promises';

export default async function globalTeardown(): Promise<void> {
  if (process.env.TEST_ROOT !== undefined) await rm(process.env.TEST_ROOT, { recursive: true, force: true });
}
