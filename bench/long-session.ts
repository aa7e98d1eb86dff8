const WORDS =
  'the file before change read its tests when and run const return import from class function error value path line type string number of to in is not with for this that'.split(
    ' ',
  );

/** Makes the request bodies of a coding agent's session, each of which repeats all that was said before. */
export class LongSession {
  private readonly messages: string[] = [];
  private readonly start: string;
  private state: number;

  /**
   * @param seed what the session says; two sessions with one seed say the same.
   * @param bytesATurn what each turn adds to the history: a tool's result for the most part.
   */
  constructor(
    model: string,
    seed: number,
    private readonly bytesATurn: number,
  ) {
    this.state = seed + 1;
    const tools = Array.from({ length: 24 }, (_, index) => ({
      name: `tool_${index}`,
      description: this.prose(1_500),
      input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    }));
    const system = [{ type: 'text', text: this.prose(25_000), cache_control: { type: 'ephemeral' } }];
    this.start = JSON.stringify({ model, max_tokens: 1024, system, tools }).slice(0, -1);
  }

  /** Returns the body of the next call. */
  next(): Buffer {
    const id = `toolu_${this.messages.length}`;
    if (this.messages.length > 0) {
      const input = { path: `src/${this.prose(20)}.ts` };
      this.add('assistant', [
        { type: 'text', text: this.prose(300) },
        { type: 'tool_use', id, name: 'tool_1', input },
      ]);
    }
    const text = this.prose(this.bytesATurn - 600);
    this.add(
      'user',
      this.messages.length === 0
        ? [{ type: 'text', text }]
        : [{ type: 'tool_result', tool_use_id: id, content: text }],
    );
    return Buffer.from(`${this.start},"messages":[${this.messages.join(',')}]}`);
  }

  private add(role: string, content: readonly object[]): void {
    this.messages.push(JSON.stringify({ role, content }));
  }

  /** Returns text that compresses about as well as source code. */
  private prose(bytes: number): string {
    let text = '';
    while (text.length < bytes) {
      this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0;
      const draw = this.state >>> 16;
      text +=
        draw % 7 === 0
          ? `${draw.toString(36)}_${(draw * 31).toString(36)} `
          : `${WORDS[draw % WORDS.length] ?? ''} `;
      if (draw % 11 === 0) text += '\n';
    }
    return text.slice(0, Math.max(bytes, 0));
  }
}
