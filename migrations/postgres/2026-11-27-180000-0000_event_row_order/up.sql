-- Nothing: PostgreSQL keeps rows in the order in which they are written, and its indexes point to them by number.
SELECT 1;
