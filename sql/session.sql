-- Statements about the connection itself.

-- name: limit_statements
-- No statement of this transaction takes longer; a setting of the session would not survive a pooler.
select set_config('statement_timeout', %(milliseconds)s, true);
