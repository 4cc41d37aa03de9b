-- :name count_request one more in the window of a key; how many there are
SELECT count_request(:key, :seconds, :amount);

-- :name requests_counted how many, and when the window ends; empty where none is open
SELECT n, ends_at FROM requests_counted(:key);

-- :name forget_requests one key, and every window that has ended
SELECT forget_requests(:key);
