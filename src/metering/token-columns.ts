import { Column } from 'typeorm';

/** The columns with tokens, which are disjoint. They are of type `bigint`, which is a string in JavaScript. */
export abstract class TokenColumns {
  @Column('bigint', { name: 'input_tokens' })
  inputTokens!: string;

  @Column('bigint', { name: 'cache_read_tokens' })
  cacheReadTokens!: string;

  @Column('bigint', { name: 'cache_write_5m_tokens' })
  cacheWrite5mTokens!: string;

  @Column('bigint', { name: 'cache_write_1h_tokens' })
  cacheWrite1hTokens!: string;

  @Column('bigint', { name: 'output_tokens' })
  outputTokens!: string;
}
