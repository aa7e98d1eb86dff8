import { Semaphore } from './semaphore';

describe('Turns', () => {
  /** Work that completes when the test says so. */
  function work(name: string, begun: string[]) {
    let end = (): void => undefined;
    let fail: (error: Error) => void = () => undefined;
    const over = new Promise<void>((resolve, reject) => ([end, fail] = [resolve, reject]));
    return { run: () => (begun.push(name), over), end: () => end(), fail: () => fail(new Error(name)) };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('lets so many work at once, and the others in the order in which they came', async () => {
    const semaphore = new Semaphore(2);
    const begun: string[] = [];
    const all = ['a', 'b', 'c', 'd'].map((name) => work(name, begun));
    const taken = all.map(({ run }) => semaphore.run(run));
    await settle();
    expect(begun).toEqual(['a', 'b']);
    all[1]!.end();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    all[0]!.end();
    await settle();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    all.forEach(({ end }) => end());
    await Promise.all(taken);
    const late = work('e', begun);
    void semaphore.run(late.run);
    expect(begun.at(-1)).toBe('e'); // a free place is taken at once
    late.end();
  });

  it('gives the turn on when the work fails, and passes the error to its own caller', async () => {
    const semaphore = new Semaphore(1);
    const begun: string[] = [];
    const [first, second] = [work('first', begun), work('second', begun)];
    const failing = semaphore.run(first.run);
    const next = semaphore.run(second.run);
    first.fail();
    await expect(failing).rejects.toThrow('first');
    await settle();
    expect(begun).toEqual(['first', 'second']);
    second.end();
    await next;
  });
});
