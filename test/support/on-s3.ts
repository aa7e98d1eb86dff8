import { keepInBuckets } from './app';

/** To be imported before suites that are to run once more, with content in a bucket. */
keepInBuckets();
