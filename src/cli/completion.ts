import { Command } from 'commander';
import { CliError } from './cli-error';
import { Io } from './io';
import { print } from './terminal';

/** The words that may follow each command path, for example `proxy key` -> `status set remove --help`. */
type Words = ReadonlyMap<string, readonly string[]>;

/** Prints a shell's completion script. @throws CliError (usage) for an unsupported shell. */
export function printCompletion(io: Io, program: Command, shell: string): void {
  const words = wordsOf(program);
  const script = new Map([
    ['bash', bash],
    ['zsh', zsh],
    ['fish', fish],
  ]).get(shell);
  if (script === undefined) throw new CliError('There is completion for bash, zsh and fish.', undefined, 2);
  print(io, script(words));
}

function wordsOf(command: Command, path = '', words = new Map<string, readonly string[]>()): Words {
  const options = command.options.map(({ long }) => long).filter((name) => name !== undefined);
  words.set(path, [...command.commands.map((sub) => sub.name()), ...options, '--help']);
  if (path === 'completion') words.set(path, ['bash', 'zsh', 'fish', '--help']);
  for (const sub of command.commands) wordsOf(sub, `${path} ${sub.name()}`.trim(), words);
  return words;
}

/**
 * Returns the script for bash. The path consists of all words so far that are not options; an option's value counts as a word
 * too, in which case nothing is completed.
 */
function bash(words: Words): string {
  return `_tracevault() {
  local path='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  local words=''
  case "$path" in
${cases(words)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _tracevault tracevault`;
}

function zsh(words: Words): string {
  return `#compdef tracevault
_tracevault() {
  local path_='' word words_=''
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) ;; *) path_="\${path_:+$path_ }$word" ;; esac
  done
  case "$path_" in
${cases(words, 'words_')}
  esac
  compadd -- \${=words_}
}
if [ "$funcstack[1]" = _tracevault ]; then _tracevault; else compdef _tracevault tracevault; fi`;
}

function cases(words: Words, variable = 'words'): string {
  return [...words].map(([path, next]) => `    '${path}') ${variable}='${next.join(' ')}' ;;`).join('\n');
}

function fish(words: Words): string {
  const lines = [...words].map(
    ([path, next]) => `complete -c tracevault -f -n '__tracevault_at "${path}"' -a '${next.join(' ')}'`,
  );
  return `function __tracevault_at
  set -l words (commandline -opc)
  set -l typed (string match -v -- '-*' $words[2..-1])
  test "$argv[1]" = "$typed"
end
${lines.join('\n')}`;
}
