import { runBuilt } from './support/process';

describe('npm run bench', () => {
  it('measures in rounds and prints a table, side by side', async () => {
    const args = [
      ...['--rounds', '1', '--seconds', '0.2', '--only', 'small-16', '--without', 'portkey'],
      '--limits',
    ];
    const bench = runBuilt('bench/run.js', {}, args);
    expect([await bench.exit, bench.errors]).toEqual([0, '']);
    expect(bench.output).toMatch(/^\d+ × .* Node v\d+/);
    for (const target of [
      'direct',
      'node:http pipe',
      'TraceVault \\(embedded\\)',
      'TraceVault \\(embedded\\) with limits',
    ])
      expect(bench.output).toMatch(new RegExp(`^\\| ${target} +\\| +[\\d,]+ \\|`, 'm'));
    expect(bench.output).toContain('of node:http pipe');
    expect(bench.output).toMatch(
      /### The meter: TraceVault \(embedded\)\n(.*\n)+\| A small message, 16 .*: CPU µs\/request/,
    );
    expect(bench.output).toMatch(/Ledger of TraceVault \(embedded\): calls [1-9]\d*, output_tokens [1-9]/);
    expect(bench.output).toContain('Ledger of TraceVault (embedded) without the meter: calls 0,');
  }, 120_000); // it starts three servers twice

  it('measures what keeping what is said takes', async () => {
    const bench = runBuilt('bench/capture.js', {}, ['--sessions', '2', '--turns', '5', '--parallel', '2']);
    expect([await bench.exit, bench.errors]).toEqual([0, '']);
    expect(bench.output).toMatch(/^\| bodies kept +\| +0 \| +20 \|$/m);
    expect(bench.output).toMatch(/^\| of what was sent +\|.*\| +1\/\d+ \|$/m);
  }, 120_000);

  it.each([
    [['--only', 'nonsense'], /There is no nonsense. There is: small-1, /],
    [['--without', 'direct'], /There is no direct. There is: pipe, embedded, unmetered, portkey/],
    [['--rounds', 'none'], /a number above 0/],
    [['--target', 'http'], /has no =/],
  ])('refuses %j and says why', async (args, why) => {
    const bench = runBuilt('bench/run.js', {}, ['--without', 'pipe,embedded,portkey', ...args]);
    expect(await bench.exit).toBe(1);
    expect(bench.errors).toMatch(why);
  });
});
