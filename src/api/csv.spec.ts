import { csvLine } from './csv';

describe('a row of a CSV file', () => {
  it.each([
    [['a', 1, null, ''], 'a,1,,'],
    [['a,b', 'say "so"', 'two\nlines', 'two\r\nlines'], '"a,b","say ""so""","two\nlines","two\r\nlines"'],
    [['Zoë', '日本'], 'Zoë,日本'],
    [['0.000000001', '-0.5', '-7', -7], '0.000000001,-0.5,-7,-7'],
  ])('%j becomes %j', (cells, line) => expect(csvLine(cells)).toBe(`${line}\r\n`));

  it.each([
    ['=1+1', `'=1+1`],
    ['+1+1', `'+1+1`],
    ['-1+1', `'-1+1`],
    ['+1', `'+1`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['\t=1+1', `'\t=1+1`],
    ['\r=1+1', `"'\r=1+1"`],
    ['\n=1+1', `"'\n=1+1"`],
    ['＝1+1', `'＝1+1`],
    ['=HYPERLINK("http://a.example","b")', `"'=HYPERLINK(""http://a.example"",""b"")"`],
    ['a=1', 'a=1'],
  ])('a text that would be a formula is none: %j', (text, cell) =>
    expect(csvLine([text])).toBe(`${cell}\r\n`),
  );
});
