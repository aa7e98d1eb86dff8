import { rm } from 'node:fs/promises';
import { dropDatabases } from './database';

export default async function globalTeardown(): Promise<void> {
  await dropDatabases();
  if (process.env.TEST_ROOT !== undefined) await rm(process.env.TEST_ROOT, { recursive: true, force: true });
}
