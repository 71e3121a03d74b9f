-- Nothing: PostgreSQL reads the whole table and sorts where the order of the rows is another one, and takes no long text in an index.
SELECT 1;
