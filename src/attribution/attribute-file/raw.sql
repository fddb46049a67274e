-- The file as it stands: every column text, an empty field NULL. The reader's own guessing is off, so an id like 007
-- stays as written; the caller read the header and names columns and separator.
-- Variables: file, columns (struct of column names in file order, each VARCHAR), separator
CREATE TEMP VIEW raw AS
SELECT *
FROM read_csv(getvariable('file'), columns = getvariable('columns'), delim = getvariable('separator'),
              header = true, auto_detect = false, quote = '"', escape = '"');
