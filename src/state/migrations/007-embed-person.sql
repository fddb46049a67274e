-- State store, version 7: sessions of the panel inside other applications remember the e-mail address of who opened them, as the
-- host signed it, because what he may see is asked anew with every request. Those that do not know it end: they are opened again.

DELETE FROM embed_session;
-- '' where the host told none
ALTER TABLE embed_session ADD COLUMN email TEXT NOT NULL DEFAULT '';
