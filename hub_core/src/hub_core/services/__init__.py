"""One file, one verb of the product. Services own their transactions and know no HTTP and no broker."""
