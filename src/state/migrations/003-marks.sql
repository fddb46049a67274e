-- State store, version 3: what is to be known of the store as a whole, such as that it is only half filled. value: JSON.

CREATE TABLE mark (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);
