-- :what_is_there which parts of the reference data are loaded, and whether there is a demo report
SELECT EXISTS (SELECT FROM area WHERE level = 'ward') AS boundaries,
       EXISTS (SELECT FROM category) AND EXISTS (SELECT FROM unit) AS reference,
       EXISTS (SELECT FROM responsibility) AS responsibilities,
       EXISTS (SELECT FROM public_report WHERE demo) AS demo;
