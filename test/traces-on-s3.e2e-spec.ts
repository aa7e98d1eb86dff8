/** The suites of what agents say once more, as they are, with their packs in a bucket. */
import './support/on-s3';
import './capture.e2e-spec';
import './call-content.e2e-spec';
import './trace-export.e2e-spec';
