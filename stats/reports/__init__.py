"""Reports by mail: a day, a week or a month of the site, or of one customer's mail."""
