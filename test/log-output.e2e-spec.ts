import { freshDatabase } from './support/database';
import { FakeAnthropic } from './support/fake-anthropic';
import { runServer, signUpAt } from './support/process';

describe('the log of a process', () => {
  it('has a whole line for each request, whatever comes at once, also when it ends', async () => {
    const upstream = await FakeAnthropic.start();
    const env = { ...(await freshDatabase()), TRACEVAULT_ANTHROPIC_UPSTREAM: upstream.url };
    const { server, url } = await runServer(env);
    const token = await signUpAt(url);
    const call = (index: number): Promise<Response> =>
      fetch(`${url}/proxy/anthropic/v1/log/${index}`, { headers: { 'x-api-key': token } });
    await Promise.all(Array.from({ length: 200 }, (_, index) => call(index)));
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    await upstream.close();

    const lines = server.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; path?: string });
    const paths = lines.filter(({ msg }) => msg === 'request').map(({ path }) => path);
    const asked = Array.from({ length: 200 }, (_, index) => `/proxy/anthropic/v1/log/${index}`);
    expect(paths.filter((path) => path?.includes('/v1/log/')).sort()).toEqual(asked.sort());
    expect(lines.at(-1)?.msg).toBe('Stopped'); // said in the turn in which the process ends
  });
});
