-- Fact store, version 4: contacts that privacy erased at their source (F140, reliability G11).

-- Ids of erased contacts, of those merged into them too; the state store has the same, for a fact store that is new or
-- restored. What still comes for one of them is taken without what is personal. Its row in contact is a stand-in: dates and
-- account, by which every figure stays what it was.
CREATE TABLE erased (tenant_id INTEGER NOT NULL, id BIGINT NOT NULL);

-- Who an erased contact was one person with, in place of the addresses it shared with them: no new contact joins by it.
CREATE TABLE erased_link (tenant_id INTEGER NOT NULL, contact_id BIGINT NOT NULL, other_id BIGINT NOT NULL);

-- indexed
ALTER TABLE erased ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE erased_link ADD PRIMARY KEY (tenant_id, contact_id, other_id);
CREATE INDEX erased_link_other ON erased_link (tenant_id, other_id);
-- end
