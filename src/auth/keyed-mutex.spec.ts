import { KeyedMutex } from './keyed-mutex';

describe('KeyedMutex', () => {
  /** Work that completes when the test says so. */
  function work(name: string, begun: string[]) {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => (end = resolve));
    return { run: () => (begun.push(name), over.then(() => name)), end: () => end() };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('lets one at a time work for an owner, in the order in which they came, and others beside it', async () => {
    const semaphore = new KeyedMutex();
    const begun: string[] = [];
    const [a, b, other] = ['a', 'b', 'other'].map((name) => work(name, begun));
    const done = [semaphore.run('x', a!.run), semaphore.run('x', b!.run), semaphore.run('y', other!.run)];
    await settle();
    expect(begun).toEqual(['a', 'other']);
    a!.end();
    await settle();
    expect(begun).toEqual(['a', 'other', 'b']);
    b!.end();
    other!.end();
    expect(await Promise.all(done)).toEqual(['a', 'b', 'other']);
  });

  it('goes on when one fails, and tells the one whose it was', async () => {
    const semaphore = new KeyedMutex();
    const failing = semaphore.run('x', () => Promise.reject(new Error('no')));
    const next = semaphore.run('x', () => Promise.resolve(1));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(1);
  });
});
