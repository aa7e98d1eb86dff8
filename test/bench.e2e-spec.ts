import { runBuilt } from './support/process';

describe('npm run bench', () => {
  it('measures in rounds and prints a table, side by side', async () => {
    const args = ['--rounds', '1', '--seconds', '0.2', '--only', 'small-16', '--without', 'portkey'];
    const bench = runBuilt('bench/run.js', {}, args);
    expect([await bench.exit, bench.errors]).toEqual([0, '']);
    expect(bench.output).toMatch(/^\d+ × .* Node v\d+/);
    for (const target of ['direct', 'node:http pipe', 'TraceVault \\(embedded\\)'])
      expect(bench.output).toMatch(new RegExp(`^\\| ${target} +\\| +[\\d,]+ \\|`, 'm'));
    expect(bench.output).toContain('of node:http pipe');
  });

  it.each([
    [['--only', 'nonsense'], /There is no nonsense. There is: small-1, /],
    [['--without', 'direct'], /There is no direct. There is: pipe, embedded, portkey/],
    [['--rounds', 'none'], /a number above 0/],
    [['--target', 'http'], /has no =/],
  ])('refuses %j and says why', async (args, why) => {
    const bench = runBuilt('bench/run.js', {}, ['--without', 'pipe,embedded,portkey', ...args]);
    expect(await bench.exit).toBe(1);
    expect(bench.errors).toMatch(why);
  });
});
