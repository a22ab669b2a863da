/** Tests of the catalog, the object set and the schema's way. */
@NullMarked
package dev.pgportage.schema;

import org.jspecify.annotations.NullMarked;
