import { TestApp } from './support/app';

describe('health', () => {
  it('is live and ready once it listens, and not ready without its database', async () => {
    const app = await TestApp.start();
    const live = await fetch(`${app.url}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${app.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ok', database: 'up', draining: false },
    ]);
    await app.dataSource.destroy();
    const lost = await fetch(`${app.url}/health/ready`);
    expect([lost.status, await lost.json()]).toEqual([
      503,
      { status: 'unavailable', database: 'down', draining: false },
    ]);
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    await app.close();
  });
});
