import { pythonPackages } from './downloads.ts'

/** Spark with its Python interface, and what its ALS needs beside it. */
export const sparkDownload = pythonPackages('pyspark-4.0.1', ['pyspark==4.0.1', 'numpy==2.2.6'])
