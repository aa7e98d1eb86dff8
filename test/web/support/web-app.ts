import { TestApp } from '../../support/app';
import { freePort } from '../../support/process';

/** The server where its public URL says that it is, as the pages show it. */
export async function startWebApp(env: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  return TestApp.start({ port: await freePort(), env });
}
