/**
 * A process that stands still in the middle of a transaction would hold its locks; the server ends such a transaction,
 * so that another process can go on before its own patience (`QUICK_MS`) ends and it takes the database for gone. In the
 * transaction itself, as poolers between us and the server allow nothing else.
 */
export const BEGIN = 'BEGIN; SET LOCAL idle_in_transaction_session_timeout = 3000; SET LOCAL lock_timeout = 10000; SET LOCAL statement_timeout = 30000';
