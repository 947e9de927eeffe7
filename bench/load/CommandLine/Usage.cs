namespace Grid.Bench.Load.CommandLine;

internal static class Usage
{
    public const string Text = """
        Load for Grid. Sends to this machine, or to a host that you run (--i-own-this-host).

          run (the default)     one scenario against a running server
            --url URL           http://127.0.0.1:8080
            --scenario NAME     display | scan | scan-batch | results | mixed | get
            --duration 10s      the measured window          --warmup 2s     load before it
            --connections 64    closed loop: each asks again when it is answered
            --rate 5000         open loop: requests a second, latency from the intended send time;
                                a ramp is 0s:500,10s:5000    --arrivals even | poisson
            --backlog 20000     requests of an open loop that may wait for a connection
            --threads 1         --timeout 5s   --seed 1
            --data FOLDER       the gateway's data folder: mints tokens, lists the demo's residents
            --residents 100000  how many take part           --residents-file FILE   ids, one a line
            --zipf 0.99         how unevenly they come; 0 is evenly
            --codes 5000        residents whose codes are scanned    --venues 50     --batch 100
            --tubes 20000       tubes for results            --tube-size 20
            --mix display=60,scan=39,result=1
            --gateway DLL       Grid.Gateway.dll; else the one built in this repository
            --path /            of scenario get
            --server-pid PID    accounts that process's CPU time (and its children's) to the server
            --csv FILE  --json FILE  --quiet
            --max-error-rate 0.001   exit code 1 above it

          compare               Grid beside the ceiling, bare Orleans, and the same gateway on Redis and on PostgreSQL; all
                                servers are private, started and ended by this tool; ends with the table of goals
            --scenario display,scan,scan-batch,results
            --contenders ceiling,grid,grid-cluster,redis,postgres,orleans,orleans-cluster
                                redis and postgres take part in display and scan, orleans in display
            --rounds 3  --duration 4s  --settle 1s  --connections N  --threads 1
            --warmup 6s         load on each contender before the first round of a scenario
            --client grid | wrk        --scratch FOLDER    for databases and logs, removed afterwards
            --json FILE  --markdown FILE  --silo DLL  --baselines DLL, and the residents' options of run;
                                without --data a demo city is made first

          capacity              how much a cluster holds, and what it needs to hold a city: docs/capacity.md
            --silos 1,2,4       clusters started and ended by this tool, each of that many silos and a gateway, on a
                                private Redis and PostgreSQL; 0 is a gateway that hosts the grains     --silo DLL
            --url URL           a cluster that runs, with --data FOLDER for its keys
            --scenario NAME     mixed | mass-test | checkpoint: the highest rate is searched for
                                surge | join | kill | freeze | stop | gateways | overload: played once, beside the targets
            --p99 200ms  --max-error-rate 0.001    the bounds of a rate that holds
            --rounds 3  --settle 1s  --window 2.5s  --warmup 8s  --connections 1024
            --mix display=60,scan=34,batch=1,sampling=5   --residents 100000  --venues 50  --zipf 0.99
            --slice CORES       of each silo, else chosen by calibration     --no-slices
            --rate 8000         requests a second at the top of a played scenario
            --replays 60000     acknowledged scans asked for again at the end
            --city-residents 12950000  --city-rate 40000  --headroom 0.3  --silo-cores 4  --silo-memory-gb 8
            --gateway-cores 4  --resident-bytes 2000  --database-rows 20000     the city to be sized
            --markdown FILE  --json FILE  --scratch FOLDER  --quiet
                                exit code 1 when something acknowledged is lost

          cold                  how fast residents come into memory: on demand, and in bulk at a start
            --residents 100000  --rounds 3  --connections 64  --gateway DLL
            --scratch FOLDER    --markdown FILE  --quiet

          crowd                 displays beside connections without a token, which send challenges and sign-ins to be refused
            --anonymous 0,260,800    connections, a row each     --anonymous-rate 5   the most that each sends in a second
            --sources 1         addresses (127.0.0.2 and on) that they come from
            --no-description    without the row of one connection that fetches /openapi/v1.json
            --url URL           a gateway that runs, of any version, with --data FOLDER; else one is started on a demo city
            --gateway DLL       mints the tokens, as that version does      --server-pid PID
            --rounds 3  --duration 10s  --settle 2s  --warmup 6s  --connections 64  --residents 100000
            --markdown FILE  --scratch FOLDER  --quiet

          ceiling --urls URL    a bare Kestrel that answers 60 bytes

        """;
}
