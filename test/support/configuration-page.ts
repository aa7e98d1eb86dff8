import { Variable, VARIABLES } from '../../src/config/variables';
import { tableOf } from './markdown';

/** The two marks around the generated table of variables in docs/configuration.md. */
const MARKS = ['<!-- Written by `npm run docs:config`. -->', '<!-- The end of what it writes. -->'];

function variablesTable(): string {
  const rows = Object.entries<Variable<unknown>>(VARIABLES).map(([name, variable]) => [
    `\`${name}\``,
    variable.byDefault ?? `\`${String(variable.value)}\``,
    variable.rule.takes,
    variable.usedBy.join(', '),
    variable.about,
  ]);
  return tableOf(['variable', 'default', 'takes', 'used by', 'what it does'], rows);
}

/** Returns the page with its table replaced by the current one. @throws Error when the marks are missing. */
export function withVariablesTable(page: string): string {
  const [start, end] = MARKS.map((mark) => page.indexOf(mark)) as [number, number];
  if (start < 0 || end < start) throw new Error('docs/configuration.md has lost the marks around its table');
  return `${page.slice(0, start)}${MARKS[0]}\n\n${variablesTable()}\n\n${page.slice(end)}`;
}
