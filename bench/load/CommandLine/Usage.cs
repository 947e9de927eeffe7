namespace Grid.Bench.Load.CommandLine;

internal static class Usage
{
    public const string Text = """
        Generates load for Grid, on this machine or on a host that you run (--i-own-this-host).

          run (the default)     one scenario against a running server
            --url URL           http://127.0.0.1:8080
            --scenario NAME     display | scan | scan-batch | results | mixed | get
            --duration 10s      the measured window          --warmup 2s     load before it
            --connections 64    closed loop: each sends again when it is answered
            --rate 5000         open loop: requests a second, latency from the intended send time;
                                a ramp is 0s:500,10s:5000    --arrivals even | poisson
            --backlog 20000     open loop: maximum requests that wait for a connection
            --threads 1         --timeout 5s   --seed 1
            --data FOLDER       the gateway's data folder: mints tokens, lists the demo's residents
            --residents 100000  residents that take part          --residents-file FILE   ids, one a line
            --zipf 0.99         skew of the draw of residents; 0 is uniform
            --codes 5000        residents whose codes are scanned    --venues 50     --batch 100
            --tubes 20000       tubes for results            --tube-size 20
            --mix display=60,scan=39,result=1
            --gateway DLL       Grid.Gateway.dll; else the one built in this repository
            --path /            of scenario get
            --server-pid PID    counts the CPU time of this process and its children as the server's
            --csv FILE  --json FILE  --quiet
            --max-error-rate 0.001   exit code 1 above it

          compare               compares Grid with the ceiling, bare Orleans, and the same gateway on Redis and on
                                PostgreSQL; starts and ends private servers; prints the table of goals
            --scenario display,scan,scan-batch,results
            --contenders ceiling,grid,grid-cluster,redis,postgres,orleans,orleans-cluster
                                redis and postgres take part in display and scan, orleans in display
            --rounds 3  --duration 4s  --settle 1s  --connections N  --threads 1
            --warmup 6s         load on each contender before the first round of a scenario
            --client grid | wrk        --scratch FOLDER    for databases and logs, removed afterwards
            --json FILE  --markdown FILE  --silo DLL  --baselines DLL, and the residents' options of run;
                                without --data creates a demo city first

          capacity              capacity of a cluster, and the machines that a city needs: docs/capacity.md
            --silos 1,2,4       starts and ends clusters, each of this number of silos and a gateway, on a private
                                Redis and PostgreSQL; 0 is a gateway that hosts the grains     --silo DLL
            --url URL           a running cluster, with --data FOLDER for its keys
            --scenario NAME     mixed | mass-test | checkpoint: searches for the highest rate
                                surge | join | kill | freeze | stop | gateways | overload: plays it once and compares
                                the figures with their targets
            --p99 200ms  --max-error-rate 0.001    the bounds of a rate that holds
            --rounds 3  --settle 1s  --window 2.5s  --warmup 8s  --connections 1024
            --mix display=60,scan=34,batch=1,sampling=5   --residents 100000  --venues 50  --zipf 0.99
            --slice CORES       CPU of each silo; default: by calibration     --no-slices
            --rate 8000         peak rate of a played scenario, requests a second
            --replays 60000     acknowledged scans to replay at the end
            --city-residents 12950000  --city-rate 40000  --headroom 0.3  --silo-cores 4  --silo-memory-gb 8
            --gateway-cores 4  --resident-bytes 2000  --database-rows 20000     the city to size
            --markdown FILE  --json FILE  --scratch FOLDER  --quiet
                                exit code 1 when something acknowledged is lost

          cold                  how fast residents are loaded: on demand, and in bulk at a start
            --residents 100000  --rounds 3  --connections 64  --gateway DLL
            --scratch FOLDER    --markdown FILE  --quiet

          crowd                 displays beside connections without a token, which send challenges and sign-ins that
                                are refused
            --anonymous 0,260,800    connections, a row for each number
            --anonymous-rate 5       maximum requests a second of each connection
            --sources 1         number of source addresses (127.0.0.2 and on)
            --no-description    omits the row of one connection that fetches /openapi/v1.json
            --url URL           a running gateway, of any version, with --data FOLDER; default: starts one on a demo
                                city
            --gateway DLL       mints the tokens of that version      --server-pid PID
            --rounds 3  --duration 10s  --settle 2s  --warmup 6s  --connections 64  --residents 100000
            --markdown FILE  --scratch FOLDER  --quiet

          ceiling --urls URL    a bare Kestrel that answers 60 bytes

        """;
}
